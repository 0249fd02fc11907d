//! How a process would run in a stage behind a step, for the page: what step mode shows beside the files.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::playground::Playground;
use super::types::mirror;

mirror! {
    /// What holds in a stage behind a step. `user` is empty for root; `shell` is what stands before the text of a RUN.
    pub struct EnvironmentView { pub dir: String, pub user: String, pub shell: String, pub variables: Vec<SettingView> }

    /// A variable; `isArg`: of this build only, the image does not keep it. `isNew`: the step below had another value, or none.
    pub struct SettingView { pub name: String, pub value: String, pub is_arg: bool, pub is_new: bool }
}

impl Playground {
    /// What holds in its stage behind a step of a build; `None`: it is no step of a stage.
    pub fn environment(&self, build: u32, step: u32) -> Option<EnvironmentView> {
        let outcome = self.outcome(build)?;
        let plan = outcome.plan.as_ref()?;
        let vertex = outcome.steps.get(step as usize)?.vertex?;
        let setting = |vertex: usize| plan.vertices.get(vertex)?.setting.as_ref();
        let here = setting(vertex)?;
        let below = plan.below(vertex).and_then(setting);
        let variable = |pair: &String| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let is_new = below.is_some_and(|below| !below.env.contains(pair));
            SettingView { name: name.to_owned(), value: value.to_owned(), is_arg: here.args.iter().any(|arg| arg == name), is_new }
        };
        let shell = if here.shell.is_empty() { "/bin/sh -c".to_owned() } else { here.shell.join(" ") };
        let variables = here.env.iter().map(variable).collect();
        Some(EnvironmentView { dir: here.dir.clone(), user: here.user.clone(), shell, variables })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_behind_each_step() {
        let mut playground = Playground::new();
        let text = "FROM busybox AS one\nARG V=1\nENV A=$V\nWORKDIR /w\nENV V=2 B=x\nUSER nobody\nSHELL [\"/bin/sh\", \"-ec\"]\nRUN true\nFROM one\nARG Z\nCOPY Dockerfile /\n";
        playground.write_file("Dockerfile", text.into(), 1.0);
        let build = playground.command("docker build --build-arg Z=z .", 0.0).build.expect("a build");
        let check = |name: &str, expect: &str| {
            let step = build.steps.iter().find(|step| step.name.contains(name)).expect("a step");
            let found = playground.environment(build.id, step.id).expect("a setting");
            let variable = |v: &SettingView| {
                let marks = [if v.is_arg { "arg " } else { "" }, if v.is_new { "new " } else { "" }].concat();
                format!("{marks}{}={}", v.name, if v.name == "PATH" { "…" } else { &v.value })
            };
            let variables: Vec<String> = found.variables.iter().map(variable).collect();
            assert_eq!(format!("{} {} {}; {}", found.dir, found.user, found.shell, variables.join(", ")), expect, "{name}");
        };
        check("FROM", "/  /bin/sh -c; PATH=…");
        check("WORKDIR", "/w  /bin/sh -c; PATH=…, arg new V=1, new A=1");
        check("RUN", "/w nobody /bin/sh -ec; PATH=…, A=1, new V=2, new B=x");
        check("COPY", "/w nobody /bin/sh -ec; PATH=…, A=1, V=2, B=x, arg new Z=z");
        assert!(playground.environment(build.id, 0).is_none() && playground.environment(9, 0).is_none());
    }
}
