//! The tools: programs with semantics on files and text, by name.

pub mod accounts;
pub mod alternatives;
pub mod archive;
pub mod awk;
pub mod basic;
pub mod bc;
pub mod bytes;
pub mod chmod;
pub mod columns;
pub mod compress;
pub mod convert;
pub mod copy;
pub mod count;
pub mod cpio;
pub mod crypt;
pub mod cut;
pub mod date;
pub mod diff;
pub mod digest;
pub mod disk;
pub mod download;
pub mod echo;
pub mod ed;
pub mod expr;
pub mod fetch;
pub mod find;
pub mod format;
pub mod getopt;
pub mod git;
pub mod gpg;
pub mod grep;
pub mod hexdump;
pub mod identity;
pub mod install;
pub mod jobs;
pub mod join;
pub mod jq;
pub mod links;
pub mod locale;
pub mod locks;
pub mod ls;
pub mod mode;
pub mod moment;
pub mod names;
pub mod numfmt;
pub mod od;
pub mod openssl;
pub mod options;
pub mod order;
pub mod owner;
pub mod pack;
pub mod patch;
pub mod paths;
pub mod perl;
pub mod printf;
pub mod relocate;
pub mod remove;
pub mod sed;
pub mod seq;
pub mod session;
pub mod signals;
pub mod sort;
pub mod split;
pub mod stat;
pub mod switch;
pub mod tar;
pub mod test;
pub mod text;
pub mod touch;
pub mod uu;
pub mod xargs;
pub mod zip;
pub mod zone;

use super::Process;

/// A program: it reads `process.args` and answers its exit status.
pub type Tool = fn(&mut Process) -> i32;

/// The tool of this name.
pub fn find(name: &str) -> Option<Tool> {
    TOOLS.binary_search_by_key(&name, |(n, _)| n).ok().map(|i| TOOLS[i].1)
}

/// All tools, sorted by name.
pub const TOOLS: &[(&str, Tool)] = &[
    ("[", test::test),
    ("[[", test::test),
    ("addgroup", accounts::addgroup),
    ("adduser", accounts::adduser),
    ("alternatives", alternatives::update_alternatives),
    ("arch", identity::arch),
    ("awk", awk::awk),
    ("b2sum", digest::sum),
    ("base32", uu::base32),
    ("base64", bytes::base64),
    ("basename", paths::basename),
    ("bc", bc::bc),
    ("bunzip2", compress::compress),
    ("bzcat", compress::compress),
    ("bzip2", compress::compress),
    ("cal", session::cal),
    ("cat", basic::cat),
    ("chage", accounts::chage),
    ("chattr", locks::attributes),
    ("chgrp", owner::chgrp),
    ("chmod", chmod::chmod),
    ("chown", owner::chown),
    ("chpasswd", accounts::chpasswd),
    ("chroot", jobs::chroot),
    ("chsh", accounts::chsh),
    ("cksum", digest::cksum),
    ("clear", session::clear),
    ("cmp", bytes::cmp),
    ("column", columns::column),
    ("comm", join::comm),
    ("cp", copy::cp),
    ("cpio", cpio::cpio),
    ("crc32", digest::crc32),
    ("csplit", split::csplit),
    ("curl", fetch::curl),
    ("cut", cut::cut),
    ("date", date::date),
    ("dc", bc::dc),
    ("dd", disk::dd),
    ("delgroup", accounts::groupdel),
    ("deluser", accounts::userdel),
    ("df", disk::df),
    ("diff", diff::diff),
    ("dirname", paths::dirname),
    ("dos2unix", convert::dos2unix),
    ("du", disk::du),
    ("echo", echo::echo_tool),
    ("ed", ed::ed),
    ("egrep", grep::grep),
    ("env", identity::env),
    ("envsubst", convert::envsubst),
    ("expand", columns::expand),
    ("expr", expr::expr),
    ("factor", count::factor),
    ("fallocate", disk::truncate),
    ("false", basic::no),
    ("fgrep", grep::grep),
    ("find", find::find),
    ("flock", locks::flock),
    ("fmt", columns::fmt),
    ("fold", columns::fold),
    ("free", session::free),
    ("gawk", awk::awk),
    ("getcap", locks::getcap),
    ("getconf", session::getconf),
    ("getent", accounts::getent),
    ("getopt", getopt::getopt),
    ("git", git::git),
    ("gosu", switch::gosu),
    ("gpasswd", accounts::gpasswd),
    ("gpg", gpg::gpg),
    ("gpg2", gpg::gpg),
    ("grep", grep::grep),
    ("groupadd", accounts::groupadd),
    ("groupdel", accounts::groupdel),
    ("groupmod", accounts::groupmod),
    ("groups", identity::groups),
    ("gunzip", compress::compress),
    ("gzip", compress::compress),
    ("hd", hexdump::hexdump),
    ("head", text::head),
    ("hexdump", hexdump::hexdump),
    ("hostid", session::hostid),
    ("hostname", identity::hostname),
    ("id", identity::id),
    ("install", install::install),
    ("ionice", jobs::plainly),
    ("join", join::join),
    ("jq", jq::jq),
    ("kill", jobs::kill),
    ("killall", jobs::nobody),
    ("less", session::page),
    ("link", disk::link),
    ("linux32", jobs::plainly),
    ("linux64", jobs::plainly),
    ("ln", links::ln),
    ("locale", locale::locale),
    ("locale-gen", locale::locale_gen),
    ("localedef", locale::localedef),
    ("logname", session::logname),
    ("ls", ls::ls),
    ("lsattr", locks::attributes),
    ("lzcat", compress::compress),
    ("lzma", compress::compress),
    ("mawk", awk::awk),
    ("md5sum", digest::sum),
    ("mkdir", basic::mkdir),
    ("mkfifo", disk::mknod),
    ("mknod", disk::mknod),
    ("mkpasswd", locks::mkpasswd),
    ("mktemp", paths::mktemp),
    ("more", session::page),
    ("mount", disk::mount),
    ("mountpoint", locks::mountpoint),
    ("mv", relocate::mv),
    ("nice", jobs::nice),
    ("nl", text::nl),
    ("nohup", jobs::plainly),
    ("nologin", switch::nologin),
    ("nproc", identity::nproc),
    ("numfmt", numfmt::numfmt),
    ("od", od::od),
    ("openssl", openssl::openssl),
    ("passwd", accounts::passwd),
    ("paste", text::paste),
    ("patch", patch::patch),
    ("pgrep", jobs::nobody),
    ("pidof", jobs::nobody),
    ("pkill", jobs::nobody),
    ("printenv", identity::printenv),
    ("printf", printf::printf_tool),
    ("ps", jobs::ps),
    ("pwd", paths::pwd),
    ("readlink", paths::readlink),
    ("realpath", paths::realpath),
    ("renice", jobs::nobody),
    ("reset", session::clear),
    ("rev", text::rev),
    ("rm", remove::rm),
    ("rmdir", remove::rmdir),
    ("run-parts", jobs::run_parts),
    ("runuser", switch::su),
    ("sed", sed::sed),
    ("seq", seq::seq),
    ("setarch", jobs::plainly),
    ("setcap", locks::setcap),
    ("setpriv", switch::setpriv),
    ("setsid", jobs::plainly),
    ("sha1sum", digest::sum),
    ("sha224sum", digest::sum),
    ("sha256sum", digest::sum),
    ("sha384sum", digest::sum),
    ("sha3sum", digest::sum),
    ("sha512sum", digest::sum),
    ("shred", disk::shred),
    ("shuf", order::shuf),
    ("sleep", basic::sleep),
    ("sort", sort::sort),
    ("split", split::split),
    ("stat", stat::stat),
    ("stdbuf", jobs::plainly),
    ("strings", od::strings),
    ("stty", session::tty),
    ("su", switch::su),
    ("su-exec", switch::gosu),
    ("sudo", switch::sudo),
    ("sum", count::sum),
    ("sync", disk::sync),
    ("tac", text::tac),
    ("tail", text::tail),
    ("tar", tar::tar),
    ("taskset", jobs::plainly),
    ("tee", links::tee),
    ("test", test::test),
    ("time", jobs::time),
    ("timeout", jobs::timeout),
    ("touch", touch::touch),
    ("tr", cut::tr),
    ("true", basic::yes),
    ("truncate", disk::truncate),
    ("tsort", order::tsort),
    ("tty", session::tty),
    ("umount", disk::mount),
    ("uname", identity::uname),
    ("uncompress", compress::compress),
    ("unexpand", columns::unexpand),
    ("uniq", sort::uniq),
    ("unix2dos", convert::dos2unix),
    ("unlink", disk::unlink),
    ("unlzma", compress::compress),
    ("unxz", compress::compress),
    ("unzip", zip::unzip),
    ("unzstd", compress::compress),
    ("update-alternatives", alternatives::update_alternatives),
    ("update-locale", locale::update_locale),
    ("uptime", session::uptime),
    ("useradd", accounts::useradd),
    ("userdel", accounts::userdel),
    ("usermod", accounts::usermod),
    ("usleep", jobs::usleep),
    ("uudecode", uu::uudecode),
    ("uuencode", uu::uuencode),
    ("w", session::who),
    ("wc", text::wc),
    ("wget", fetch::wget),
    ("which", identity::which),
    ("who", session::who),
    ("whoami", identity::whoami),
    ("xargs", xargs::xargs),
    ("xxd", hexdump::xxd),
    ("xz", compress::compress),
    ("xzcat", compress::compress),
    ("yes", count::yes),
    ("zcat", compress::compress),
    ("zgrep", compress::zgrep),
    ("zip", zip::zip),
    ("zstd", compress::compress),
    ("zstdcat", compress::compress),
];

#[cfg(test)]
mod tests {
    use crate::machine::shell::tests::check;

    #[test]
    fn lists_in_order() {
        let sorted = super::TOOLS.windows(2).all(|pair| pair[0].0 < pair[1].0);
        assert!(sorted);
    }

    #[test]
    fn ls_shows() {
        check(
            "cd /srv; mkdir d; touch .h d/x; ls; ls -A . d; ls nope",
            "a.txt\nd\n.:\n.h\na.txt\nd\n\nd:\nx\n! ls: nope: No such file or directory\nexit 1\n",
        );
        check("cd /srv; ln -s a.txt l; ls -l a.txt l | cut_ 2>/dev/null; ls -d .; ls -F", ".\na.txt\nl@\n");
        check("mkdir -p /m/a/b; touch /m/a/f; ls -R /m", "/m:\na\n\n/m/a:\nb\nf\n\n/m/a/b:\n");
        check("touch /tmp/f; ls -l /tmp", "total 0\n-rw-r--r--    1 root     root             0 Sep  9 01:46 f\n");
    }

    #[test]
    fn cp_copies() {
        check(
            "cd /srv; chmod 640 a.txt; chown app:app a.txt; cp a.txt b; cp -a a.txt c; stat -c '%n %a %U:%G' b c",
            "b 640 root:root\nc 640 app:app\n",
        );
        check(
            "mkdir -p /s/d; ln -s d /s/l; echo 1 > /s/d/f; cp -r /s /t; cp -r /s/. /u; cp -rL /s /v; readlink /t/l; ls /u; ls /v/l",
            "d\nd\nl\nf\n",
        );
        check(
            "mkdir /q; cp /q /r; cp -r /q /q/r; cp /none /q",
            "! cp: omitting directory '/q'\n! cp: recursion detected, omitting directory '/q/r'\n! cp: can't stat '/none': No such file or directory\nexit 1\n",
        );
    }

    #[test]
    fn mv_and_install_place() {
        check("cd /srv; mkdir d; mv a.txt d; mv d e; ls e; mv x y", "a.txt\n! mv: can't rename 'x': No such file or directory\nexit 1\n");
        check("cd /srv; install -D -m 600 -o app a.txt /o/p/q; install -d -m 711 /z; stat -c '%a %U' /o/p/q /z", "600 app\n711 root\n");
    }

    #[test]
    fn owners_change() {
        check(
            "mkdir /d; chmod 3755 /d; chmod g=rX /d; stat -c %a /d; ls /z /d /a",
            "1755\n! ls: /z: No such file or directory\n! ls: /a: No such file or directory\n/d:\nexit 1\n",
        );
        check(
            "cd /srv; chown 3:app a.txt; stat -c %u:%G a.txt; chgrp root a.txt; stat -c %g a.txt; chown who a.txt",
            "3:app\n0\n! chown: unknown user who\nexit 1\n",
        );
    }

    #[test]
    fn paths_resolve() {
        check(
            "basename /a/b.c .c; dirname /a/b/; dirname x; ln -s srv /l; readlink /l; readlink -f /l/a.txt; readlink -f /l/new; realpath /l/../etc",
            "b\n/a\n.\nsrv\n/srv/a.txt\n/srv/new\n/etc\n",
        );
        check(
            "mkdir -p /a/b; rmdir /a; rmdir /a/b /a; ls -d /a",
            "! rmdir: '/a': Directory not empty\n! ls: /a: No such file or directory\nexit 1\n",
        );
        check(
            "f=$(mktemp) && stat -c '%a %F' $f; mktemp -u /x.XXXXXX | grep_ 2>/dev/null; mktemp q.X",
            "600 regular empty file\n! mktemp: (null): Invalid argument\nexit 1\n",
        );
    }

    #[test]
    fn says_who_and_where() {
        check(
            "id; id app; whoami; hostname; which ls nope",
            "uid=0(root) gid=0(root) groups=0(root)\nuid=1000(app) gid=1000(app) groups=1000(app)\nroot\nbox\n/bin/ls\nexit 1\n",
        );
        check(
            "env -i A=1 B=2 env; env -u PATH /bin/printenv PATH; env nope",
            "A=1\nB=2\n! env: can't execute 'nope': No such file or directory\nexit 127\n",
        );
        check("seq 2; seq -w 8 10; seq -s, 3 -1 1; seq 0 .5 1", "1\n2\n08\n09\n10\n3,2,1\n0.0\n0.5\n1.0\n");
    }

    #[test]
    fn find_finds() {
        let tree = "mkdir -p /t/s; echo a > /t/a.c; touch /t/b.o /t/s/c.c; ln -s a.c /t/l; ";
        let with = |script: &str, expect: &str| check(&format!("{tree}{script}"), expect);
        with("find /t", "/t\n/t/a.c\n/t/b.o\n/t/l\n/t/s\n/t/s/c.c\n");
        with("cd /t; find . -name '*.c' -type f; find -maxdepth 1 -type d", "./a.c\n./s/c.c\n.\n./s\n");
        with("find /t -name s -prune -o ! -type d -print; find /t -empty -a -name '*.o'", "/t/a.c\n/t/b.o\n/t/l\n/t/b.o\n");
        with(
            "find /t \\( -name '*.o' -o -type l \\) -exec echo [{}] \\; ; find /t -name '*.c' -exec echo {} +",
            "[/t/b.o]\n[/t/l]\n/t/a.c /t/s/c.c\n",
        );
        with(
            "find /t -type f -exec rm {} +; find /t -mindepth 1; find /no",
            "/t/l\n/t/s\n! find: /no: No such file or directory\nexit 1\n",
        );
        with(
            "chmod 700 /t/a.c; find /t -perm -100 -type f; find /t -size +0 -type f; find /t -zip 2>&1 | head -n 1",
            "/t/a.c\n/t/a.c\nfind: unrecognized: -zip\n",
        );
    }
}
