//! Archives among the project's files: what `docker save` and `-o` write, what `docker load` and `docker import` read.

use super::playground::Playground;
use super::project::ProjectClient;
use crate::docker::client::Client;
use crate::docker::commands::{Reply, archives};
use crate::docker::products::{Product, ProductContent};
use crate::docker::store::Store;
use crate::filesystem::{Content, Node, Tree};

/// A command on a file of the project and the images.
type Load = fn(&[String], &dyn Fn(&str) -> Result<Vec<u8>, String>, &Store, i64) -> (Reply, Store);

impl Playground {
    /// `docker save`
    pub(super) fn save(&mut self, words: &[String], now: f64) -> Reply {
        let saved = archives::save(words, &self.store).and_then(|(dest, bytes)| self.put(&dest, bytes, now).map_err(|e| Reply::fail(e, 1)));
        saved.err().unwrap_or_default()
    }

    /// `docker load`, `docker import`. `now`: seconds since 1970.
    pub(super) fn load(&mut self, command: Load, words: &[String], now: i64) -> Reply {
        let client = ProjectClient { project: &self.project, images: self.images() };
        let (reply, store) = command(words, &|path| client.read_file(path), &self.store, now);
        self.store = store;
        reply
    }

    /// Writes what a build leaves (`-o`, `--iidfile`, `--metadata-file`) among the project's files; modelled bytes are not made.
    pub(super) fn keep_products(&mut self, products: &[Product], now: f64) -> Result<(), String> {
        for product in products {
            match &product.content {
                ProductContent::Folder(tree) => self.put_folder(&product.dest, tree, now)?,
                content => {
                    if content.size_at_least(archives::MOST) {
                        return Err(format!("{}: more than {} bytes", product.dest, archives::MOST));
                    }
                    let mut bytes = Vec::new();
                    content.write(&mut |piece| bytes.extend_from_slice(piece));
                    self.put(&product.dest, bytes, now)?;
                }
            }
        }
        Ok(())
    }

    fn put_folder(&mut self, dest: &str, tree: &Tree, now: f64) -> Result<(), String> {
        for (path, node) in tree.walk() {
            if let Node::File(file) = node
                && let Content::Bytes(bytes) = &file.content
            {
                let dest = crate::base::go::join_path(dest, path.relative());
                self.put(&dest, bytes.to_vec(), now)?;
                self.set_mode(&dest, node.metadata().mode);
            }
        }
        Ok(())
    }

    fn put(&mut self, dest: &str, bytes: Vec<u8>, now: f64) -> Result<(), String> {
        let path = self.project.resolve(dest).filter(|path| !path.is_empty()).ok_or_else(|| format!("open {dest}: permission denied\n"))?;
        self.write_file(&path, bytes, now);
        Ok(())
    }
}
