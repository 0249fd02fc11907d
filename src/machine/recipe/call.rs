//! Recipes that go on with another program: scripts of package.json, `npx`, `python -m`, `sudo`.

use serde_json::Value;

use super::super::{Process, exec};
use super::engine::Call;
use crate::world::{assumed, recipe};

/// What a script of a project that is not there does.
const ASSUMED_SCRIPT: &str = "webpack";

/// Runs what a recipe's `call` names.
pub fn run(process: &mut Process, kind: &str, call: &Call) -> i32 {
    let words: Vec<String> = process.args[1..].to_vec();
    match kind {
        "script" => script(process, call),
        "module" => {
            let at = words.iter().position(|word| word == "-m").map_or(words.len(), |at| at + 1);
            start(process, words[at..].to_vec())
        }
        "exec" => {
            let own = |word: &String| word.starts_with('-') || word == "exec" || word == "dlx" || word == "x" || word == "run";
            let at = words.iter().position(|word| !own(word)).unwrap_or(words.len());
            in_modules(process);
            let mut args = words[at..].to_vec();
            if let Some(first) = args.first_mut() {
                // `vite@5` is vite.
                let name = first.rsplit('/').next().unwrap_or("").split('@').next().unwrap_or("").to_owned();
                *first = if name.is_empty() { first.clone() } else { name };
            }
            start(process, args)
        }
        _ => {
            let at = words.iter().position(|word| !word.starts_with('-') && !word.contains('=')).unwrap_or(words.len());
            start(process, words[at..].to_vec())
        }
    }
}

/// Runs a program: its file, or the recipe of its name where there is no file (it would be fetched).
fn start(process: &mut Process, args: Vec<String>) -> i32 {
    let Some(name) = args.first().cloned() else { return 0 };
    let path = process.var("PATH").unwrap_or("").to_owned();
    match exec::find(process, &name, &path) {
        Ok(_) => process.run(&args),
        Err(_) => {
            let mut child = process.fork();
            child.args = args;
            let status = exec::modelled(&mut child, &[&name], &format!("/usr/local/bin/{name}"));
            child.flush();
            status.unwrap_or_else(|| {
                process.system.report(&name, crate::machine::Fidelity::NotSimulated);
                process.err(format!("bottleship: {name} is not simulated\n"));
                0
            })
        }
    }
}

/// Programs of the project's packages come first.
fn in_modules(process: &mut Process) {
    let cwd = process.cwd.as_str().trim_end_matches('/').to_owned();
    let path = format!("{cwd}/node_modules/.bin:{}", process.var("PATH").unwrap_or("/usr/local/bin:/usr/bin:/bin"));
    process.set_var("PATH", &path);
}

/// A script of package.json with those before and after it.
fn script(process: &mut Process, call: &Call) -> i32 {
    let rest = call.args.words.get(call.matched..).unwrap_or_default();
    let name = match call.matched {
        0 => call.args.words.first().cloned().unwrap_or_default(),
        at if call.args.words[at - 1] != "run" && call.args.words[at - 1] != "run-script" => call.args.words[at - 1].clone(),
        _ => rest.first().cloned().unwrap_or_default(),
    };
    let text = process.text("package.json");
    let mut package: Value = serde_json::from_str(&text).unwrap_or_default();
    // An assumed project has every script that its Dockerfile runs.
    let is_program = call.matched == 0 && recipe::known(&name, &process.system.project.recipes);
    if assumed::is_placeholder(&text) && !is_program && package["scripts"][&name].is_null() {
        package["scripts"][&name] = ASSUMED_SCRIPT.into();
    }
    let text = |key: &str| package[key].as_str().unwrap_or("").to_owned();
    if package["scripts"][&name].as_str().is_none() {
        return missing(process, call, &name);
    }
    in_modules(process);
    for stage in [format!("pre{name}"), name.clone(), format!("post{name}")] {
        let Some(command) = package["scripts"][&stage].as_str() else { continue };
        let banner = match call.program.as_str() {
            "yarn" => format!("$ {command}\n"),
            _ => format!("\n> {}@{} {stage}\n> {command}\n\n", text("name"), text("version")),
        };
        process.out(banner);
        let status = process.run(&["/bin/sh".to_owned(), "-c".to_owned(), command.to_owned()]);
        if status != 0 {
            return status;
        }
    }
    0
}

fn missing(process: &mut Process, call: &Call, name: &str) -> i32 {
    // `yarn tsc` runs a program.
    if matches!(call.program.as_str(), "yarn" | "pnpm" | "bun") && call.matched == 0 {
        in_modules(process);
        return start(process, call.args.words.clone());
    }
    if call.args.has(&["--if-present"]) {
        return 0;
    }
    let text = match call.program.as_str() {
        "yarn" => format!("error Command \"{name}\" not found.\n"),
        "pnpm" => format!(" ERR_PNPM_NO_SCRIPT  Missing script: {name}\n"),
        _ => format!("npm error Missing script: \"{name}\"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run\n"),
    };
    process.err(text);
    1
}
