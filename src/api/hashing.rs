//! Layers hashed by the host: a browser's SHA-256 is more than twice as fast as the engine's, but answers only later. So the host
//! asks before a build which layers it will have to hash, and tells their digests; what it does not tell, the engine works out.

use super::playground::Playground;
use super::project::ProjectClient;
use crate::base::Digest;
use crate::docker::command::parse_build;
use crate::docker::commands::verbs::{self, Verb};
use crate::docker::simulate;
use crate::docker::words::split_line;

/// Bytes of a layer from which the way through the host pays.
const LEAST: u64 = 1 << 20;
/// Bytes of a layer that are still held in memory as one tar.
const MOST: u64 = 128 << 20;

impl Playground {
    /// Gives `hash` the tars of the large layers that this line will build, if it is a build. [`Playground::hashed`] takes what comes of it.
    pub fn unhashed(&mut self, line: &str, mut hash: impl FnMut(&[u8])) {
        self.unhashed.clear();
        let Some(words) = build_words(line, &self.project.env) else { return };
        let Ok(command) = parse_build(&words) else { return };
        if command.call.method != "build" {
            return;
        }
        let client = ProjectClient { project: &self.project, images: self.images() };
        let (layers, cache) = simulate::unhashed(&command, &client, &self.cache, LEAST, MOST);
        if command.cache_from.is_empty() {
            self.cache = cache;
        }
        // All tars in one place, one after the other: memory that was used before is there at once.
        let mut tar = Vec::new();
        for layer in layers {
            layer.write_tar(&mut tar);
            hash(&tar);
            self.unhashed.push((layer, tar.len() as u64));
        }
    }

    /// Takes the SHA-256 digests of what [`Playground::unhashed`] gave, in that order.
    pub fn hashed(&mut self, digests: &[[u8; 32]]) {
        for ((layer, size), digest) in std::mem::take(&mut self.unhashed).iter().zip(digests) {
            self.cache = std::mem::take(&mut self.cache).hashed(layer, Digest::from_bytes(*digest), *size);
        }
    }
}

/// What stands behind `docker build`.
fn build_words(line: &str, env: &std::collections::BTreeMap<String, String>) -> Option<Vec<String>> {
    let words = split_line(line, env).ok()?.words;
    let (first, rest) = words.split_first()?;
    let (command, taken) = verbs::find(rest).filter(|_| verbs::is_docker(first))?;
    (command.verb == Verb::Build).then(|| rest[taken..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::types::ProjectFile;

    fn playground() -> Playground {
        let mut playground = Playground::new();
        let file = |path: &str, bytes: &[u8]| ProjectFile { path: path.into(), bytes: bytes.into(), mode: 0o644, mtime: 0.0 };
        let dockerfile =
            "FROM scratch AS a\nCOPY big /\nFROM scratch\nCOPY big small /\nCOPY --link --from=a /big /linked\nCOPY small /again\n";
        playground.set_project(vec![
            file("Dockerfile", dockerfile.as_bytes()),
            file("big", &(0..LEAST * 2).map(|n| (n % 253) as u8).collect::<Vec<_>>()),
            file("small", b"small"),
        ]);
        playground
    }

    fn id(playground: &mut Playground) -> String {
        playground.command("docker build -q .", 0.0).stdout
    }

    #[test]
    fn the_image_is_the_same_whoever_hashes() {
        let mut playground = playground();
        let (mut digests, mut sizes) = (Vec::new(), Vec::new());
        playground.unhashed("docker buildx build -q .", |tar| {
            digests.push(*Digest::of(tar).as_bytes());
            sizes.push(tar.len());
        });
        assert_eq!(sizes, [2_099_712, 2_098_688], "the two large layers of the result, and no other");
        playground.hashed(&digests);
        assert_eq!(id(&mut playground), id(&mut self::playground()));
        playground.unhashed("docker build .", |_| panic!("all is known"));
    }

    #[test]
    fn what_the_host_tells_is_used() {
        let mut playground = playground();
        playground.unhashed("docker build .", |_| {});
        playground.hashed(&[[1; 32], [2; 32]]);
        let told = id(&mut playground);
        assert_ne!(told, id(&mut self::playground()));
        assert!(playground.command(&format!("docker image inspect {}", told.trim()), 0.0).stdout.contains(&"01".repeat(32)));
    }

    #[test]
    fn other_lines_have_nothing_to_hash() {
        for line in ["docker images", "docker build --check .", "docker build", "ls 'x", "build ."] {
            playground().unhashed(line, |_| panic!("{line}"));
        }
    }
}
