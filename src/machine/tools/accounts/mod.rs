//! Users and groups made, changed and taken away: useradd, groupadd, usermod, groupmod, userdel, groupdel of the shadow suite; adduser,
//! addgroup, deluser, delgroup of busybox and of Debian; passwd, chpasswd, chsh, chage, gpasswd; getent.

mod adduser;
mod database;
mod getent;
mod home;
mod password;
mod removal;
mod shadow;

pub use adduser::{addgroup, adduser};
pub use getent::getent;
pub use password::{chage, chpasswd, chsh, gpasswd, passwd};
pub use removal::{groupdel, userdel};
pub use shadow::{groupadd, groupmod, useradd, usermod};
