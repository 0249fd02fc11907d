//! What alternatives there are, for people (`--display`) and for programs (`--query`).

use super::Group;

/// For people.
pub(super) fn display(group: &Group, current: Option<&str>) -> String {
    let name = &group.name;
    let mut text = format!("{name} - {} mode\n", if group.manual { "manual" } else { "auto" });
    text += &format!("  link best version is {}\n", group.best().map_or("", |c| &c.path));
    if let Some(current) = current {
        text += &format!("  link currently points to {current}\n");
    }
    text += &format!("  link {name} is {}\n", group.link);
    for (name, link) in &group.slaves {
        text += &format!("  slave {name} is {link}\n");
    }
    for choice in &group.choices {
        text += &format!("{} - priority {}\n", choice.path, choice.priority);
        for ((name, _), path) in group.slaves.iter().zip(&choice.slaves).filter(|(_, path)| !path.is_empty()) {
            text += &format!("  slave {name}: {path}\n");
        }
    }
    text
}

/// For programs.
pub(super) fn query(group: &Group, current: Option<&str>) -> String {
    let mut text = format!("Name: {}\nLink: {}\n", group.name, group.link);
    if !group.slaves.is_empty() {
        text += "Slaves:\n";
        for (name, link) in &group.slaves {
            text += &format!(" {name} {link}\n");
        }
    }
    text += &format!("Status: {}\n", if group.manual { "manual" } else { "auto" });
    text += &format!("Best: {}\nValue: {}\n", group.best().map_or("", |c| &c.path), current.unwrap_or("none"));
    for choice in &group.choices {
        text += &format!("\nAlternative: {}\nPriority: {}\n", choice.path, choice.priority);
        if !group.slaves.is_empty() {
            text += "Slaves:\n";
            for ((name, _), path) in group.slaves.iter().zip(&choice.slaves).filter(|(_, path)| !path.is_empty()) {
                text += &format!(" {name} {path}\n");
            }
        }
    }
    text
}
