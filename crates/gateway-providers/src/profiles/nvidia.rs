//! NVIDIA NIM, as hosted by NVIDIA.

use super::CLOUD;
use crate::kind::Kind;

pub(crate) const NVIDIA: Kind = Kind {
    name: "nvidia",
    base_url: Some("https://integrate.api.nvidia.com"),
    env: Some("NVIDIA_API_KEY"),
    catalogue: "nvidia_nim",
    ..CLOUD
};
