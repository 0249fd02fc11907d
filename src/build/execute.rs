//! One vertex: what happens. Knows nothing of time but what a step costs, and nothing of other steps but their trees.

use std::sync::Arc;
use std::time::Duration;

use super::cache::{CacheMount, CacheMounts};
use super::exec;
use super::file;
use crate::base::{Digest, Reference, go};
use crate::filesystem::{ImagePath, Memo, Tree, transfer, written};
use crate::image::Image;
use crate::machine::{Fidelity, OutputLine, Tally};
use crate::plan::{ImageSource, LocalSource, Op};
use crate::world::{Context, Images, NamedContext, World, assumed};

/// What executing a vertex gave.
#[derive(Debug, Clone)]
pub struct Execution {
    /// The file system afterwards, or BuildKit's error text.
    pub result: Result<Arc<Tree>, String>,
    /// What its process wrote.
    pub output: Vec<OutputLine>,
    /// How long it took.
    pub cost: Duration,
    /// How real it was.
    pub fidelity: Fidelity,
    /// How its commands were answered.
    pub tally: Tally,
    /// Bytes that came from the client.
    pub transferred: u64,
    /// What its cache mounts hold afterwards, by id.
    pub mounts: Vec<(String, CacheMount)>,
}

impl Execution {
    /// Of something that has no output.
    fn quiet(result: Result<Tree, String>, cost: Duration) -> Self {
        Self {
            result: result.map(Arc::new),
            output: Vec::new(),
            cost,
            fidelity: Fidelity::Ran,
            tally: Tally::default(),
            transferred: 0,
            mounts: Vec::new(),
        }
    }
}

/// Bytes that a step reads or writes in a second.
const BYTES_PER_SECOND: u64 = 200_000_000;
/// What every step costs.
const OVERHEAD: Duration = Duration::from_millis(20);

/// The time that handling `bytes` takes.
pub(super) fn handling(bytes: u64) -> Duration {
    OVERHEAD + Duration::from_micros(bytes.saturating_mul(1_000_000) / BYTES_PER_SECOND)
}

/// Executes an operation on the trees of its inputs. `kept`: what cache mounts hold; `now`: nanoseconds since 1970 that new files get.
pub fn execute(op: &Op, inputs: &[Arc<Tree>], world: &World, kept: &CacheMounts, now: i64, memo: &mut Memo) -> Execution {
    match op {
        Op::Image(source) => match image(source, world) {
            Ok(image) => {
                let size = image.layers.iter().map(|layer| layer.size).sum();
                let modelled = image.layers.iter().any(|layer| layer.modelled);
                let fidelity = if modelled { Fidelity::Modelled } else { Fidelity::Ran };
                let output = world.images.assumed(&source.reference).map(|name| exec::note(&format!("{}, as {name}", source.reference)));
                let output = output.into_iter().collect();
                Execution { fidelity, output, ..Execution::quiet(Ok((*image.tree()).clone()), handling(size)) }
            }
            Err(error) => Execution::quiet(Err(error), OVERHEAD),
        },
        Op::Local(source) => local(source, world, memo),
        Op::Remote(source) => {
            let missing = || format!("failed to load {}: there is no network here, and the project supplies no files for it", source.url);
            match world.remotes.get(&source.url).cloned() {
                None if world.assume || !source.url.starts_with("git:") => {
                    let output = vec![exec::note(&format!("{}, a modelled download", source.url))];
                    let fetched = Execution::quiet(Ok(assumed::download(&source.url)), handling(assumed::DOWNLOAD_SIZE));
                    Execution { fidelity: Fidelity::Modelled, output, ..fetched }
                }
                known => Execution::quiet(known.ok_or_else(missing), handling(0)),
            }
        }
        Op::File(op) => {
            let trees: Vec<Tree> = inputs.iter().map(|tree| (**tree).clone()).collect();
            let empty = Tree::empty();
            let before = trees.first().filter(|_| !op.on_scratch).unwrap_or(&empty);
            let result = file::execute_file_op(op, &trees, now);
            let bytes = result.as_ref().map_or(0, |tree| written(before, tree));
            Execution::quiet(result, handling(bytes))
        }
        Op::Merge(_) => {
            let trees: Vec<Tree> = inputs.iter().map(|tree| (**tree).clone()).collect();
            Execution::quiet(file::execute_merge(&trees), OVERHEAD)
        }
        Op::Exec(op) => exec::execute(op, inputs, world, kept, now),
    }
}

/// The image that a source names.
pub fn image(source: &ImageSource, world: &World) -> Result<Image, String> {
    if let Some(NamedContext::Layout { image, .. }) = source.context.as_ref().and_then(|name| world.named_contexts.get(name)) {
        return Ok(image.clone());
    }
    let name =
        Reference::parse(&source.reference).map(|reference| Reference { digest: String::new(), ..reference }.tagged().to_string())?;
    match &world.images {
        Images::Store(..) | Images::Own { .. } | Images::Assumed(_) => {
            world.images.image(&name).ok_or_else(|| format!("{}: not found", source.reference))
        }
        Images::Any(_) | Images::Listed { .. } => {
            Err(format!("{}: only the config of this image is known, not its files", source.reference))
        }
    }
}

/// BuildKit names a ref by two random words; here they come from what is looked through.
pub(super) fn checksum_error(inputs: &[Arc<Tree>], path: &str) -> String {
    let name = Digest::of(format!("{path} {}", inputs.len())).hex();
    let path = go::quote(ImagePath::new(path).as_str());
    format!("{CHECKSUM} {}::{}: {path}: not found", &name[..25], &name[25..50])
}

/// How errors about missing sources begin; the build's error has `failed to compute cache key: ` before it.
pub(super) const CHECKSUM: &str = "failed to calculate checksum of ref";

fn local(source: &LocalSource, world: &World, memo: &mut Memo) -> Execution {
    let tree = match (source.name.as_str(), &world.context) {
        (name, _) if world.named_contexts.contains_key(name) => match world.named_contexts.get(name) {
            Some(NamedContext::Local(tree)) => tree.clone(),
            _ => Tree::empty(),
        },
        (_, Context::Local(tree)) => tree.clone(),
        (_, Context::Remote(url)) => world.remotes.get(url).cloned().unwrap_or_else(Tree::empty),
    };
    let follow: Vec<String> = source.follow_paths.iter().map(|path| go::clean_path(path)).collect();
    match transfer(&tree, &source.exclude, &follow, memo) {
        Ok(transfer) => Execution { transferred: transfer.bytes, ..Execution::quiet(Ok(transfer.tree), handling(transfer.bytes)) },
        Err(error) => Execution::quiet(Err(error), OVERHEAD),
    }
}
