//! `--progress=tty`: the live view as a function of time. BuildKit's `progressui.ttyDisplay`.

use super::trace::{Progress, appearance, states};
use crate::base::VirtualTime;
use crate::build::Outcome;

/// The size of the terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Screen {
    pub columns: usize,
    pub rows: usize,
}

const BLUE: &str = "34";
const RED: &str = "31";
const YELLOW: &str = "33";
const FAINT: &str = "2";
/// Lines of a step's log window.
const WINDOW: usize = 6;

struct Job {
    name: String,
    status: String,
    seconds: f64,
    completed: bool,
    color: &'static str,
    /// The last lines of a running step's output.
    window: Vec<String>,
    /// Bytes that it has written.
    written: usize,
}

/// What is on the screen at `at`: lines with their colours, each with a newline. The first line is `[+] Building …`.
/// After the end every line is shown, however small the screen.
pub fn frame(outcome: &Outcome, at: VirtualTime, screen: Screen, driver: &str) -> String {
    let over = at >= outcome.elapsed;
    let now = at.min(outcome.elapsed);
    let states = states(outcome, at);
    let columns = screen.columns.max(24);
    let mut jobs = jobs(outcome, &states, at, now, columns);
    let hidden = windows(&mut jobs, screen.rows);
    if !over {
        jobs = wrap(jobs, screen.rows.saturating_sub(2 + hidden));
    }
    let done = states.iter().filter(|state| state.completed.is_some()).count();
    let total = known(outcome, &states);
    let finished = if over && done == total && done > 0 { "FINISHED" } else { "" };
    let head = format!("[+] Building {:.1}s ({done}/{total}) {finished}", now.as_secs_f64());
    let mut out = format!("{}\n", cut(&align(&head, driver, columns - 1), columns));
    for job in jobs {
        line(&job, columns, &mut out);
    }
    out
}

/// How many vertices the client knows of: the plan's all at once when its first one starts, the others when they start.
fn known(outcome: &Outcome, states: &[Progress]) -> usize {
    let steps = || outcome.steps.iter().zip(states);
    let solving = steps().any(|(step, state)| step.vertex.is_some() && state.started.is_some());
    steps().filter(|(step, state)| state.started.is_some() || (solving && step.vertex.is_some())).count().max(1)
}

fn jobs(outcome: &Outcome, states: &[Progress], at: VirtualTime, now: VirtualTime, columns: usize) -> Vec<Job> {
    let mut jobs = Vec::new();
    for step in appearance(outcome, at) {
        let state = &states[step];
        let (mark, color) = match state {
            Progress { canceled: true, .. } => ("CANCELED ", YELLOW),
            Progress { error: Some(_), .. } => ("ERROR ", RED),
            Progress { cached: true, .. } => ("CACHED ", BLUE),
            _ => ("", BLUE),
        };
        let name = outcome.steps[step].name.replace('\t', " ");
        let completed = state.completed.is_some();
        jobs.push(Job {
            name: format!("{mark}{name}"),
            status: String::new(),
            seconds: state.seconds(now),
            completed,
            color,
            window: if completed { Vec::new() } else { window(state, columns.saturating_sub(10).max(1)) },
            written: state.log.iter().map(|line| line.text.len() + 1).sum(),
        });
        jobs.extend(state.statuses.iter().map(|status| Job {
            name: format!("=> {}", status.id),
            status: Progress::amount(status),
            seconds: (if status.completed { status.updated } else { now }).saturating_sub(status.started).as_secs_f64(),
            completed: status.completed,
            color: BLUE,
            window: Vec::new(),
            written: 0,
        }));
        jobs.extend(state.warnings.iter().map(|warning| Job {
            name: format!("WARN: {warning}"),
            status: String::new(),
            seconds: state.seconds(now),
            // BuildKit never completes these: they have no colour, and stay where there is no room for all.
            completed: false,
            color: YELLOW,
            window: Vec::new(),
            written: 0,
        }));
    }
    jobs
}

/// The last lines as a small terminal would hold them.
fn window(state: &Progress, width: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for line in state.log.iter().rev().take(WINDOW).rev() {
        let text: Vec<char> = visible(&line.text).chars().collect();
        rows.extend(text.chunks(width).map(|row| row.iter().collect::<String>()));
    }
    let skip = rows.len().saturating_sub(WINDOW);
    rows.into_iter().skip(skip).filter(|row| !row.trim().is_empty()).collect()
}

/// Without control characters: they would move the cursor of the real terminal. What a carriage return overwrites is left out.
fn visible(text: &str) -> String {
    let text = text.trim_end_matches('\r').rsplit('\r').next().unwrap_or("");
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => {
                if chars.next() == Some('[') {
                    chars.by_ref().find(|c| ('@'..='~').contains(c));
                }
            }
            '\t' => out.push_str("    "),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Keeps the windows for which there is room, those with most output first; gives the number of rows that they take.
fn windows(jobs: &mut [Job], rows: usize) -> usize {
    let running = jobs.iter().filter(|job| !job.completed).count();
    let mut free = rows.saturating_sub(2 + running);
    let mut hidden = 0;
    let mut order: Vec<usize> = (0..jobs.len()).filter(|i| !jobs[*i].window.is_empty()).collect();
    crate::base::sort_by_key(&mut order, |i| std::cmp::Reverse(jobs[*i].written));
    for i in order {
        if free > WINDOW + 3 {
            free -= WINDOW + 3;
            hidden += jobs[i].window.len();
        } else {
            jobs[i].window.clear();
        }
    }
    hidden
}

/// The last `limit` jobs; running ones that are cut off take the place of completed ones among the first of them.
fn wrap(mut jobs: Vec<Job>, limit: usize) -> Vec<Job> {
    let surplus = jobs.len().saturating_sub(limit);
    let mut shown = jobs.split_off(surplus);
    let mut hidden: Vec<Job> = jobs.into_iter().filter(|job| !job.completed).collect();
    let mut at = 0;
    shown.retain(|job| {
        at += 1;
        !job.completed || at > hidden.len()
    });
    let free = limit.saturating_sub(shown.len()).min(hidden.len());
    hidden.drain(..hidden.len() - free);
    hidden.extend(shown);
    hidden
}

fn line(job: &Job, columns: usize, out: &mut String) {
    let seconds = if job.seconds < 0.05 { 0.0 } else { job.seconds };
    let timer = format!(" {seconds:.1}s");
    let mut left = columns.saturating_sub(" => ".len() + timer.len() + 2);
    let show_status = !job.status.is_empty() && left + job.status.len() > 20;
    if show_status {
        left = left.saturating_sub(job.status.len() + 1);
    }
    if left < 12 {
        return;
    }
    let status = if show_status { format!(" {}", job.status) } else { String::new() };
    let text = align(&format!(" => {}{status}", cut(&visible(&job.name), left)), &timer, columns - 1);
    match job.completed {
        true => out.push_str(&format!("\u{1b}[{}m{text}\u{1b}[0m\n", job.color)),
        false => out.push_str(&format!("{text}\n")),
    }
    for row in &job.window {
        out.push_str(&format!("\u{1b}[{FAINT}m => => # {row}\u{1b}[0m\n"));
    }
}

fn align(left: &str, right: &str, width: usize) -> String {
    let pad = width.saturating_sub(right.chars().count() + 1);
    format!("{left:<pad$} {right}")
}

fn cut(text: &str, width: usize) -> String {
    text.chars().take(width).collect()
}

#[cfg(test)]
mod tests {
    use super::super::samples::outcome;
    use super::*;
    use std::time::Duration;

    fn at(ms: u64) -> String {
        let sample = outcome(
            &["[internal] load build definition", "[a 1/1] RUN one"],
            &[
                (0, 0, "start"),
                (10, 0, "status transferring dockerfile:"),
                (100, 0, "done"),
                (100, 1, "start"),
                (600, 1, "log building\n"),
                (1300, 1, "done"),
            ],
        );
        frame(&sample, Duration::from_millis(ms), Screen { columns: 60, rows: 24 }, "docker:default")
    }

    #[test]
    fn a_running_step_shows_its_output() {
        let expect = "[+] Building 0.7s (1/2)                      docker:default\n\
            \u{1b}[34m => [internal] load build definition                   0.1s\u{1b}[0m\n\
            \u{1b}[34m => => transferring dockerfile: 719B                   0.0s\u{1b}[0m\n \
            => [a 1/1] RUN one                                    0.6s\n\
            \u{1b}[2m => => # building\u{1b}[0m\n";
        assert_eq!(at(700), expect);
    }

    /// Jobs as letters, small ones still running -> what is left where there is room for so many.
    fn check_wrap(jobs: &str, limit: usize, expect: &str) {
        let job = |letter: char| Job {
            name: letter.to_string(),
            status: String::new(),
            seconds: 0.0,
            completed: letter.is_uppercase(),
            color: BLUE,
            window: Vec::new(),
            written: 0,
        };
        let left: String = wrap(jobs.chars().map(job).collect(), limit).into_iter().map(|job| job.name).collect();
        assert_eq!(left, expect, "{jobs} {limit}");
    }

    #[test]
    fn what_runs_stays_in_sight() {
        check_wrap("ABCd", 9, "ABCd");
        check_wrap("ABCDe", 3, "CDe");
        check_wrap("aBCDe", 3, "aDe");
        check_wrap("abCDe", 3, "abe");
        // Only as many of those below are looked at as were cut off.
        check_wrap("aBcDE", 3, "cDE");
        check_wrap("abcDE", 3, "bcE");
        check_wrap("ab", 0, "");
    }

    #[test]
    fn the_end_is_marked() {
        assert!(at(5000).starts_with("[+] Building 1.3s (2/2) FINISHED"));
    }

    #[test]
    fn escapes_in_output_do_not_reach_the_terminal() {
        assert_eq!(visible("a\u{1b}[31mred\u{1b}[0m\tb\u{7}"), "ared    b");
        assert_eq!(visible("10%\r20%"), "20%");
    }
}
