//! An image's layers as dive shows them.

use serde::{Deserialize, Serialize};
#[cfg(target_arch = "wasm32")]
use tsify::Tsify;

use super::playground::Playground;
use super::types::mirror;
use crate::image::Image;
use crate::report::layers;

mirror! {
    /// A layer that holds files. `build`, `step`: what made it here; absent for layers of the base. `wasted`: bytes of it that later layers replace or remove.
    pub struct LayerDetail {
        pub index: u32, pub instruction: String, pub diff_id: String, pub size: f64, pub tar_size: f64, pub modelled: bool,
        pub added: u32, pub changed: u32, pub removed: u32, pub wasted: f64, pub build: Option<u32>, pub step: Option<u32>,
    }

    /// A path that several layers bring, or that one removes which another brought. `size`: all its copies.
    pub struct WasteView { pub path: String, pub copies: u32, pub size: f64 }

    /// dive's figures: `efficiency` is 1 if nothing is wasted; `wasted` is the sum of all copies of paths that have several; `waste` lists the greatest.
    pub struct LayersView { pub image: String, pub layers: Vec<LayerDetail>, pub size: f64, pub efficiency: f64, pub wasted: f64, pub waste: Vec<WasteView>, pub modelled: bool }
}

/// Wasteful paths that are listed.
const LISTED: usize = 200;

impl Playground {
    /// The layers of an image, by name or ID.
    pub fn layers(&self, image: &str) -> Option<LayersView> {
        let image = &self.store.find(image)?.image;
        let report = layers(image);
        let makers = self.makers(image);
        let detail = |(index, (layer, told)): (usize, (&crate::image::Layer, &crate::report::LayerReport))| LayerDetail {
            index: index as u32,
            instruction: told.instruction.clone(),
            diff_id: layer.diff_id.to_string(),
            size: layer.size as f64,
            tar_size: layer.tar_size as f64,
            modelled: layer.modelled,
            added: told.added,
            changed: told.changed,
            removed: told.removed,
            wasted: told.wasted as f64,
            build: makers.get(index).copied().flatten().map(|maker| maker.0),
            step: makers.get(index).copied().flatten().map(|maker| maker.1),
        };
        let waste = report.waste.iter().take(LISTED);
        Some(LayersView {
            image: image.id().to_string(),
            layers: image.layers.iter().zip(&report.layers).enumerate().map(detail).collect(),
            size: image.layers.iter().map(|layer| layer.size).sum::<u64>() as f64,
            efficiency: report.efficiency,
            wasted: report.wasted as f64,
            waste: waste.map(|w| WasteView { path: w.path.relative().to_owned(), copies: w.count, size: w.bytes as f64 }).collect(),
            modelled: image.layers.iter().any(|layer| layer.modelled),
        })
    }

    /// For each layer the build and step that made it.
    fn makers(&self, image: &Image) -> Vec<Option<(u32, u32)>> {
        let mut makers = vec![None; image.layers.len()];
        for build in self.builds.iter().rev() {
            let outcome = &build.simulation.outcome;
            let Some(built) = outcome.result.as_ref().ok().and_then(|images| images.first()) else { continue };
            for step in super::view::steps(outcome) {
                let Some(index) = step.layer.map(|layer| layer as usize) else { continue };
                let same = built.layers.get(index).zip(image.layers.get(index)).is_some_and(|(a, b)| a.diff_id == b.diff_id);
                let below = (0..index).all(|i| built.layers.get(i).map(|l| l.diff_id) == image.layers.get(i).map(|l| l.diff_id));
                if same && below && makers[index].is_none() {
                    makers[index] = Some((build.id, step.id));
                }
            }
        }
        makers
    }
}
