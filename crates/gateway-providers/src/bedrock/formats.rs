//! Formats of media: Bedrock's words for them, which look like the ends of file names, and media types.

/// `ImageFormat`.
pub(super) const IMAGES: Formats = Formats(&[
    ("png", "image/png"),
    ("jpeg", "image/jpeg"),
    ("gif", "image/gif"),
    ("webp", "image/webp"),
    ("jpeg", "image/jpg"),
]);

/// `DocumentFormat`.
pub(super) const DOCUMENTS: Formats = Formats(&[
    ("pdf", "application/pdf"),
    ("csv", "text/csv"),
    ("doc", "application/msword"),
    (
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    ("xls", "application/vnd.ms-excel"),
    (
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    ("html", "text/html"),
    ("txt", "text/plain"),
    ("md", "text/markdown"),
    ("md", "text/x-markdown"),
]);

/// `VideoFormat`.
pub(super) const VIDEOS: Formats = Formats(&[
    ("mkv", "video/x-matroska"),
    ("mov", "video/quicktime"),
    ("mp4", "video/mp4"),
    ("webm", "video/webm"),
    ("flv", "video/x-flv"),
    ("mpeg", "video/mpeg"),
    ("wmv", "video/x-ms-wmv"),
    ("three_gp", "video/3gpp"),
    ("flv", "video/flv"),
    ("mov", "video/mov"),
    ("mpeg", "video/mpg"),
    ("wmv", "video/wmv"),
]);

/// `AudioFormat`.
pub(super) const AUDIO: Formats = Formats(&[
    ("mp3", "audio/mpeg"),
    ("opus", "audio/opus"),
    ("wav", "audio/wav"),
    ("aac", "audio/aac"),
    ("flac", "audio/flac"),
    ("mp4", "audio/mp4"),
    ("ogg", "audio/ogg"),
    ("mka", "audio/x-matroska"),
    ("m4a", "audio/m4a"),
    ("pcm", "audio/pcm"),
    ("webm", "audio/webm"),
    ("mp3", "audio/mp3"),
    ("wav", "audio/x-wav"),
    ("m4a", "audio/x-m4a"),
]);

/// Pairs of format and media type. Of several that fit, the first is said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Formats(&'static [(&'static str, &'static str)]);

impl Formats {
    /// The media type of a format, if it has one that leads back to it.
    pub(super) fn media_type(self, format: &str) -> Option<&'static str> {
        self.0
            .iter()
            .find(|(known, _)| *known == format)
            .map(|(_, media_type)| *media_type)
    }

    /// The format of a media type. Its parameters (`;charset=…`) say nothing here.
    pub(super) fn format(self, media_type: &str) -> Option<&'static str> {
        let bare = media_type.split(';').next().unwrap_or(media_type).trim();
        let found = self.0.iter().find(|(_, known)| known.eq_ignore_ascii_case(bare));
        found.map(|(format, _)| *format)
    }

    /// The format that the end of a file's name tells.
    pub(super) fn of_file(self, name: &str) -> Option<&'static str> {
        let (_, end) = name.rsplit_once('.')?;
        let end = match end.to_ascii_lowercase().as_str() {
            "jpg" => "jpeg".to_owned(),
            "htm" => "html".to_owned(),
            "3gp" => "three_gp".to_owned(),
            end => end.to_owned(),
        };
        self.0
            .iter()
            .find(|(format, _)| *format == end)
            .map(|(format, _)| *format)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_leads_to_a_media_type_and_back() {
        for formats in [IMAGES, DOCUMENTS, VIDEOS, AUDIO] {
            for (format, _) in formats.0 {
                let media_type = formats.media_type(format).unwrap();
                assert_eq!(formats.format(media_type), Some(*format), "{media_type}");
            }
        }
        assert_eq!(IMAGES.format("image/JPG; q=1"), Some("jpeg"));
        assert_eq!(
            (IMAGES.of_file("s3://a/b.JPG"), DOCUMENTS.of_file("s3://a/b")),
            (Some("jpeg"), None)
        );
        assert_eq!(
            (VIDEOS.media_type("video/mp4"), AUDIO.format("audio/midi")),
            (None, None)
        );
    }
}
