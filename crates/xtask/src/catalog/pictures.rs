//! Models that the list has once for every quality and size of their pictures: `hd/1024-x-1792/dall-e-3`.

use std::collections::BTreeMap;

use super::Model;

/// The models, by provider and name, and what a picture costs by quality and size.
type Pictures = BTreeMap<(String, String), BTreeMap<String, String>>;

/// Whether a name begins with a size, and maybe a quality before it: the picture in the gateway's words, its pixels, and the
/// model.
pub(super) fn sized(model: &Model) -> Option<(String, u64, &str)> {
    if model.mode.as_deref() != Some("image_generation") {
        return None;
    }
    let (first, rest) = model.model.split_once('/')?;
    if let Some((size, pixels)) = size(first) {
        return Some((size, pixels, rest));
    }
    let (second, rest) = rest.split_once('/')?;
    let (size, pixels) = size(second)?;
    Some((format!("{first}/{size}"), pixels, rest))
}

fn size(text: &str) -> Option<(String, u64)> {
    let (width, height) = text.split_once("-x-")?;
    let (width, height): (u64, u64) = (width.parse().ok()?, height.parse().ok()?);
    Some((format!("{width}x{height}"), width.checked_mul(height)?))
}

pub(super) fn by_model(models: &[Model]) -> Pictures {
    let mut pictures = Pictures::new();
    for model in models {
        let Some((picture, pixels, name)) = sized(model) else {
            continue;
        };
        let by_picture = ["image_out", "image_in"]
            .iter()
            .find_map(|per| model.per.get(*per).cloned());
        let by_pixel = || product(model.per.get("pixel_in")?, pixels);
        if let Some(price) = by_picture.or_else(by_pixel).filter(|price| super::is_something(price)) {
            let key = (model.provider.clone(), name.to_owned());
            pictures.entry(key).or_default().insert(picture, price);
        }
    }
    pictures
}

/// The price of so many pixels to a hundredth of a cent, in which pictures are priced: the list has quotients of those.
fn product(per_pixel: &str, pixels: u64) -> Option<String> {
    let (whole, fraction) = per_pixel.split_once('.').unwrap_or((per_pixel, ""));
    let digits: u128 = format!("{whole}{fraction}").parse().ok()?;
    let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let hundredths = (digits.checked_mul(u128::from(pixels))?.checked_mul(10_000)? + scale / 2) / scale;
    let price = format!("{}.{:04}", hundredths / 10_000, hundredths % 10_000);
    Some(price.trim_end_matches('0').trim_end_matches('.').to_owned())
}

/// The dearest: for pictures of which nothing is known.
pub(super) fn dearest(pictures: &BTreeMap<String, String>) -> Option<String> {
    let dollars = |price: &&String| price.parse::<f64>().unwrap_or_default();
    pictures
        .values()
        .max_by(|a, b| dollars(a).total_cmp(&dollars(b)))
        .cloned()
}
