//! What file operations do to trees: BuildKit's `solver/llbsolver/file/backend.go`.

mod copy;
mod disk;
mod mode;
mod owner;

pub(super) use copy::resolve_wildcards;
use copy::{Rules, copy};
use disk::{Disk, Made, failed, root_path};

use crate::filesystem::{Errno, ImagePath, Metadata, Node, Patterns, Tree};
use crate::plan::{FileAction, FileActionKind, FileOp};

/// Runs the actions on the inputs. `now`, in nanoseconds since 1970, is the time of what is made; the error is BuildKit's text.
pub fn execute_file_op(op: &FileOp, inputs: &[Tree], now: i64) -> Result<Tree, String> {
    let base = if op.on_scratch { None } else { inputs.first() };
    let mut disk = Disk { tree: base.cloned().unwrap_or_else(Tree::empty), now };
    for (i, action) in op.actions.iter().enumerate() {
        execute(&mut disk, action, inputs, i == 0 && base.is_none())?;
    }
    Ok(disk.tree)
}

/// The inputs on top of each other: directories merge, all else is replaced by the later one.
pub fn execute_merge(inputs: &[Tree]) -> Result<Tree, String> {
    let mut disk = Disk { tree: inputs.first().cloned().unwrap_or_else(Tree::empty), now: 0 };
    let rules = Rules { owner: None, mode: mode::Mode::Keep, time: None, contents_only: true, include: None, exclude: None };
    for upper in inputs.iter().skip(1) {
        for (path, node) in upper.walk() {
            let clash = disk.tree.get(&path).is_some_and(|old| old.as_directory().is_some() != node.as_directory().is_some());
            if clash {
                disk.tree = disk.tree.remove(&path).map_err(|errno| failed("remove", &path, errno))?;
            }
            if clash && node.as_directory().is_some() {
                disk.put(&path, Node::directory(node.metadata().clone()))?;
            }
        }
        copy(&mut disk, upper, "/", "/", &rules)?;
    }
    Ok(disk.tree)
}

fn execute(disk: &mut Disk, action: &FileAction, inputs: &[Tree], without_stage: bool) -> Result<(), String> {
    let owner = owner::owner(&disk.tree, &action.owner, without_stage)?;
    let mode = mode::parse(&action.mode)?;
    match &action.kind {
        FileActionKind::Copy { source, from, to, contents_only, wildcard, allow_empty_wildcard, include, exclude, timestamp, .. } => {
            let source: Option<usize> = (*source).into();
            let nothing = Tree::empty();
            let source = source.and_then(|index| inputs.get(index)).unwrap_or(&nothing);
            let patterns = |list: &[String]| if list.is_empty() { Ok(None) } else { Patterns::new(list).map(Some) };
            let rules = Rules {
                owner,
                mode,
                time: *timestamp,
                contents_only: *contents_only,
                include: patterns(include)?,
                exclude: patterns(exclude)?,
            };
            let places = if *wildcard { resolve_wildcards(source, from)? } else { vec![from.clone()] };
            if places.is_empty() && !allow_empty_wildcard {
                return Err(format!("{from} not found"));
            }
            places.iter().try_for_each(|place| copy(disk, source, place, to, &rules))
        }
        FileActionKind::Mkdir { path, make_parents, timestamp } => {
            let place = root_path(&disk.tree, path)?;
            let made = Made { owner, mode: mode.apply(0o755, true) & 0o777, time: timestamp.unwrap_or(disk.now) };
            match place.parent() {
                Some(parent) if !make_parents && disk.tree.get(&parent).is_none() => Err(failed("mkdir", &place, Errno::NoEntry)),
                _ if !make_parents && disk.tree.get(&place).is_some() => Ok(()),
                _ => disk.make_all(&place, made),
            }
        }
        FileActionKind::Mkfile { path, data, timestamp } => {
            let place = root_path(&disk.tree, path)?;
            if disk.tree.get(&place).is_some_and(|node| node.as_directory().is_some()) {
                return Err(failed("open", &place, Errno::IsADirectory));
            }
            let (uid, gid) = owner.unwrap_or((0, 0));
            let metadata = Metadata { uid, gid, ..Metadata::root(mode.apply(0o644, false) & 0o777, timestamp.unwrap_or(disk.now)) };
            disk.put(&place, Node::file(metadata, data.clone()))
        }
        FileActionKind::Rm { path, wildcard } => {
            let places = if *wildcard { resolve_wildcards(&disk.tree, path)? } else { vec![path.clone()] };
            for place in places {
                let place = ImagePath::new(&place);
                let parent = place.parent().ok_or("rmPath: invalid empty path")?;
                let place = root_path(&disk.tree, parent.as_str())?.child(place.name());
                disk.tree = disk.tree.remove(&place).map_err(|errno| failed("stat", &place, errno))?;
            }
            Ok(())
        }
    }
}
