//! ElevenLabs: speech, and text from speech.

use gateway_types::DialectName;

use super::{CLOUD, MODELS, SPEECH, TRANSCRIPTION};
use crate::kind::{Auth, Kind};

pub(crate) const ELEVENLABS: Kind = Kind {
    name: "elevenlabs",
    title: "ElevenLabs",
    dialects: &[DialectName::ElevenLabs],
    base_url: Some("https://api.elevenlabs.io"),
    auth: Auth::Header("xi-api-key"),
    env: Some("ELEVENLABS_API_KEY"),
    catalogue: "elevenlabs",
    operations: &[SPEECH, TRANSCRIPTION, MODELS],
    ..CLOUD
};
