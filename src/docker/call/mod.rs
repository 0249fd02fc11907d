//! The answers of `docker build --call=…`, as BuildKit's JSON and as buildx prints them: text from values, nothing else.

mod check;
mod json;
mod outline;
mod targets;

pub use check::{check_json, check_text};
pub use outline::{outline_json, outline_text};
pub use targets::{Target, targets, targets_json, targets_text};

use super::command::Call;
use super::commands::Reply;
use super::progress::refused;
use crate::plan::{self, Request};
use crate::world::World;

/// Answers `--call=METHOD[,format=json]`. A check that finds anything ends with 1.
pub fn answer(call: &Call, request: &Request, world: &World) -> Reply {
    let source = &request.dockerfile;
    let printed = |json: String, text: String| if call.json { json } else { text };
    match call.method.as_str() {
        "check" => {
            let checked = plan::check(request, world);
            let exit_code = i32::from(checked.error.is_some() || !checked.warnings.is_empty());
            if call.json {
                return Reply { stdout: check_json(&checked, source), stderr: String::new(), exit_code };
            }
            let (stdout, stderr) = check_text(&checked, source);
            Reply { stdout, stderr, exit_code }
        }
        "outline" => match plan::outline(request, world) {
            Ok(outline) => Reply::ok(printed(outline_json(&outline, source), outline_text(&outline))),
            Err(error) => Reply::fail(refused(&error, source), 1),
        },
        "targets" => match targets(source) {
            Ok(targets) => Reply::ok(printed(targets_json(&targets, source), targets_text(&targets))),
            Err(error) => Reply::fail(refused(&error, source), 1),
        },
        other => Reply::fail(format!("ERROR: failed to build: unsupported call method {other}\n"), 1),
    }
}

/// Columns as Go's text/tabwriter aligns them: every cell but a row's last is filled up to its column's width and `padding`.
fn table(rows: &[Vec<String>], padding: usize) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter(|row| column + 1 < row.len()).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0) + padding
    };
    let widths: Vec<usize> = (0..rows.iter().map(Vec::len).max().unwrap_or(0)).map(width).collect();
    let mut out = String::new();
    for row in rows {
        for (column, cell) in row.iter().enumerate() {
            out.push_str(cell);
            if column + 1 < row.len() {
                let missing = widths.get(column).map_or(0, |width| width.saturating_sub(cell.chars().count()));
                out.extend(std::iter::repeat_n(' ', missing));
            }
        }
        out.push('\n');
    }
    out
}
