//! What a Docker daemon remembers: images with their tags. A value; a command makes a new one.

use std::collections::BTreeMap;

use super::reference::{familiar, normalize};
use crate::base::Digest;
use crate::image::Image;

/// The image store.
#[derive(Debug, Clone, Default)]
pub struct Store {
    /// In the order in which they came, the newest last.
    pub images: Vec<StoredImage>,
}

/// An image with its names.
#[derive(Debug, Clone)]
pub struct StoredImage {
    /// Digest of the config.
    pub id: Digest,
    /// In normal form; none: a dangling image.
    pub tags: Vec<String>,
    /// Wall-clock seconds since 1970.
    pub created: i64,
    /// The image itself.
    pub image: Image,
}

impl StoredImage {
    /// Sum of its layers in bytes.
    pub fn size(&self) -> u64 {
        self.image.layers.iter().map(|layer| layer.size).sum()
    }

    /// The first twelve digits of the ID.
    pub fn short_id(&self) -> String {
        self.id.hex().chars().take(12).collect()
    }
}

impl Store {
    /// With an image under these names, which are taken from whoever had them.
    pub fn with(&self, id: Digest, image: Image, tags: &[String], created: i64) -> Self {
        let mut store = self.clone();
        for stored in &mut store.images {
            stored.tags.retain(|tag| !tags.contains(tag));
        }
        match store.images.iter().position(|stored| stored.id == id) {
            Some(index) => {
                let mut known = store.images.remove(index);
                known.tags.extend(tags.iter().cloned());
                store.images.push(known);
            }
            None => store.images.push(StoredImage { id, tags: tags.to_vec(), created, image }),
        }
        store
    }

    /// The image that a user means: a name, or the beginning of an ID.
    pub fn find(&self, name: &str) -> Option<&StoredImage> {
        let tag = normalize(name).ok();
        let by_tag = self.images.iter().find(|stored| tag.as_ref().is_some_and(|tag| stored.tags.contains(tag)));
        let hex = name.strip_prefix("sha256:").unwrap_or(name);
        let is_hex = hex.len() >= 2 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        by_tag.or_else(|| self.images.iter().rev().find(|stored| is_hex && stored.id.hex().starts_with(&hex.to_ascii_lowercase())))
    }

    /// Every name with its image, newest image first.
    pub fn names(&self) -> Vec<(String, String, &StoredImage)> {
        let mut names = Vec::new();
        let mut images: Vec<&StoredImage> = self.images.iter().rev().collect();
        crate::base::sort_by_key(&mut images, |stored| std::cmp::Reverse(stored.created));
        for stored in images {
            let mut tags: Vec<_> = stored.tags.iter().map(|tag| familiar(tag)).collect();
            crate::base::sort(&mut tags);
            if tags.is_empty() {
                tags.push(("<none>".into(), "<none>".into()));
            }
            names.extend(tags.into_iter().map(|(name, tag)| (name, tag, stored)));
        }
        names
    }

    /// By normal name: what FROM can use.
    pub fn by_name(&self) -> BTreeMap<String, Image> {
        crate::base::map_of(self.images.iter().flat_map(|stored| stored.tags.iter().map(|tag| (tag.clone(), stored.image.clone()))))
    }
}
