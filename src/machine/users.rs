//! Users and groups as `/etc/passwd` and `/etc/group` list them.

/// Who a process is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ids {
    /// Effective user.
    pub uid: u32,
    /// Effective group.
    pub gid: u32,
    /// Supplementary groups, in the order of `/etc/group`.
    pub groups: Vec<u32>,
}

impl Ids {
    /// uid 0, gid 0.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether permissions do not matter.
    pub fn is_root(&self) -> bool {
        self.uid == 0
    }

    /// Whether `gid` is one of the process's groups.
    pub fn in_group(&self, gid: u32) -> bool {
        self.gid == gid || self.groups.contains(&gid)
    }
}

/// A line of `/etc/passwd`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct User {
    pub name: String,
    pub uid: u32,
    pub gid: u32,
    pub gecos: String,
    pub home: String,
    pub shell: String,
}

/// A line of `/etc/group`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Group {
    pub name: String,
    pub gid: u32,
    pub members: Vec<String>,
}

/// The users of `/etc/passwd`; lines that make no sense are skipped.
pub fn parse_passwd(text: &str) -> Vec<User> {
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            let _password = fields.next()?;
            let uid = fields.next()?.parse().ok()?;
            let gid = fields.next()?.parse().ok()?;
            let mut rest = || fields.next().unwrap_or("").to_owned();
            Some(User { name, uid, gid, gecos: rest(), home: rest(), shell: rest() })
        })
        .collect()
}

/// The groups of `/etc/group`.
pub fn parse_group(text: &str) -> Vec<Group> {
    text.lines()
        .filter_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?.to_owned();
            let _password = fields.next()?;
            let gid = fields.next()?.parse().ok()?;
            let members = fields.next().unwrap_or("").split(',').filter(|m| !m.is_empty()).map(str::to_owned).collect();
            Some(Group { name, gid, members })
        })
        .collect()
}

/// Resolves `user[:group]` of an image config as runc does.
pub fn resolve(spec: &str, passwd: &[User], groups: &[Group]) -> Result<(Ids, String), String> {
    let (user, group) = spec.split_once(':').map_or((spec, None), |(u, g)| (u, Some(g)));
    let user = if user.is_empty() { "0" } else { user };
    let number: Option<u32> = user.parse().ok();
    let entry = passwd.iter().find(|u| u.name == user || Some(u.uid) == number);
    let (uid, mut gid, home, name) = match (entry, number) {
        (Some(u), _) => (u.uid, u.gid, u.home.clone(), u.name.clone()),
        (None, Some(n)) => (n, 0, "/".to_owned(), String::new()),
        (None, None) => return Err(format!("unable to find user {user}: no matching entries in passwd file")),
    };
    let mut supplementary = Vec::new();
    match group {
        Some(g) if !g.is_empty() => {
            let number: Option<u32> = g.parse().ok();
            gid = match (groups.iter().find(|e| e.name == g || Some(e.gid) == number), number) {
                (Some(e), _) => e.gid,
                (None, Some(n)) => n,
                (None, None) => return Err(format!("unable to find group {g}: no matching entries in group file")),
            };
        }
        _ => supplementary = groups.iter().filter(|g| g.members.contains(&name)).map(|g| g.gid).collect(),
    }
    Ok((Ids { uid, gid, groups: supplementary }, home))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_users_as_runc_does() {
        let passwd = parse_passwd("root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/srv:/bin/sh\n");
        let groups = parse_group("root:x:0:\nweb:x:33:\nextra:x:40:web\n");
        let web = resolve("web", &passwd, &groups).unwrap();
        assert_eq!(web, (Ids { uid: 33, gid: 33, groups: vec![40] }, "/srv".into()));
        assert_eq!(resolve("7:extra", &passwd, &groups).unwrap().0, Ids { uid: 7, gid: 40, groups: vec![] });
        assert_eq!(resolve("nope", &passwd, &groups).unwrap_err(), "unable to find user nope: no matching entries in passwd file");
    }
}
