//! Where the bytes of files are kept, as the settings say it, server only: in a folder, or in a bucket of S3 or of what speaks
//! like it.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::client::ClientConfigKey;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore};

/// How long a bucket may say nothing in the middle of an answer.
const MAX_SILENCE: Duration = Duration::from_secs(30);

/// The settings of a bucket, by the names that the tools of S3 use.
const OF_BUCKETS: [(&str, AmazonS3ConfigKey); 5] = [
    ("AWS_ACCESS_KEY_ID", AmazonS3ConfigKey::AccessKeyId),
    ("AWS_SECRET_ACCESS_KEY", AmazonS3ConfigKey::SecretAccessKey),
    ("AWS_SESSION_TOKEN", AmazonS3ConfigKey::Token),
    ("AWS_REGION", AmazonS3ConfigKey::Region),
    ("AWS_ENDPOINT_URL", AmazonS3ConfigKey::Endpoint),
];

#[derive(Clone, Debug)]
pub enum Storage {
    /// Made when it is not there. What was stored survives a power cut, as a commit does.
    Folder(PathBuf),
    Bucket(Bucket),
}

/// `s3://bucket/prefix`, and how to get in.
#[derive(Clone)]
pub struct Bucket {
    url: String,
    settings: Vec<(AmazonS3ConfigKey, String)>,
}

impl fmt::Debug for Bucket {
    /// Without the key that lets us in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl Storage {
    /// The storage that `EARSHOT_FILES` names; `set` finds settings by name.
    pub fn read<'a>(files: &str, set: impl Fn(&str) -> Option<&'a str>) -> Self {
        if !files.starts_with("s3://") {
            return Self::Folder(files.into());
        }
        let settings = OF_BUCKETS.into_iter().filter_map(|(name, key)| Some((key, set(name)?.to_owned())));
        let mut settings: Vec<_> = settings.collect();
        if set("AWS_ENDPOINT_URL").is_some_and(|url| url.starts_with("http://")) {
            settings.push((AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp), "true".into()));
        }
        Self::Bucket(Bucket { url: files.into(), settings })
    }

    /// Bytes that are written at once: of a bucket the least that it takes.
    pub fn part(&self) -> usize {
        match self {
            Self::Folder(_) => 1024 * 1024,
            Self::Bucket(_) => 5 * 1024 * 1024,
        }
    }

    /// # Errors
    /// When the folder cannot be made or read, or the settings of the bucket are of no use.
    pub fn open(&self) -> Result<Arc<dyn ObjectStore>, object_store::Error> {
        match self {
            Self::Folder(folder) => {
                let unusable = |source| object_store::Error::Generic { store: "folder", source };
                std::fs::create_dir_all(folder).map_err(|error| unusable(error.into()))?;
                Ok(Arc::new(LocalFileSystem::new_with_prefix(folder)?.with_fsync(true)))
            }
            Self::Bucket(Bucket { url, settings }) => {
                // A large file takes as long as it takes, if only something comes.
                let patient = ClientOptions::new().with_timeout_disabled().with_read_timeout(MAX_SILENCE);
                let builder = AmazonS3Builder::new().with_url(url).with_client_options(patient);
                let with = |builder: AmazonS3Builder, (key, value): &(_, String)| builder.with_config(*key, value);
                let bucket = settings.iter().fold(builder, with).build()?;
                let prefix = url.splitn(4, '/').nth(3).unwrap_or_default();
                Ok(Arc::new(PrefixStore::new(bucket, Path::from(prefix))))
            }
        }
    }
}
