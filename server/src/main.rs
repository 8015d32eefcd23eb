//! The commands.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context;
use app::database;
use app::files::blobs::Blobs;
use app::people::passwords::Passwords;
use app::people::store::{self, NewPerson};
use app::rooms::store::create_first;
use clap::{Parser, Subcommand};
use earshot_hub::Hub;
use earshot_live::store::{APPLICATION, Db, Notifier};
use server::claim::claim;
use server::config::Config;
use server::copy::copy;
use server::demo::large::Size;
use server::service::Api;
use server::{AppState, demo, open, run, service};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A chat for a small team. Settings come from the environment: --help lists them.
#[derive(Parser)]
#[command(version, after_long_help = include_str!("../../.env.example"))]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until told to stop: what is done when no command is given.
    Serve,
    /// Say whether the settings are in order, the database answers, and the Pusher service accepts the keys.
    Check,
    /// Bring the database's schema up to date.
    Migrate,
    /// Fill an empty database with a small demo world, or with a large one.
    Demo(Size),
    /// Copy all that one database holds into another, empty one, and compare both. To be repeated after an interruption. No
    /// server is to run on either meanwhile.
    Copy {
        /// The database to copy: sqlite://.. or postgres://..
        #[arg(long)]
        from: String,
        /// The database to fill.
        #[arg(long)]
        to: String,
    },
    /// Accounts.
    #[command(subcommand)]
    User(UserCommand),
}

#[derive(Subcommand)]
enum UserCommand {
    /// Make an account; its password is made up and printed.
    Add {
        #[arg(long)]
        name: String,
        #[arg(long)]
        email: String,
        #[arg(long)]
        admin: bool,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn,memory_serve=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match perform(Arguments::parse().command.unwrap_or(Command::Serve)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn perform(command: Command) -> anyhow::Result<()> {
    let config = Config::from_env()?;
    let databases = match &command {
        Command::Check => Vec::new(),
        Command::Copy { from, to } => vec![from.clone(), to.clone()],
        _ => vec![config.database_url.clone()],
    };
    let _claims = databases.iter().map(|url| claim(url)).collect::<anyhow::Result<Vec<_>>>()?;
    match command {
        Command::Serve => serve(config).await,
        Command::Check => check(config).await,
        Command::Migrate => database(&config).await.map(drop),
        Command::Demo(size) => demo::fill(&database(&config).await?, &Passwords::new()?, &config, size).await,
        Command::Copy { from, to } => copy(&at(&from).await?, &at(&to).await?).await,
        Command::User(UserCommand::Add { name, email, admin }) => {
            add_user(&database(&config).await?, &name, &email, admin).await
        }
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let state = AppState::new(config).await?;
    let listener = TcpListener::bind(state.config.addr).await?;
    println!("Earshot is at {}", state.config.url);
    let mut terminate = signal(SignalKind::terminate())?;
    let stop = async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        println!("Stopping.");
    };
    run(listener, state, stop).await;
    Ok(())
}

/// The database for a command that runs beside no sockets: its notices are found by those who catch up.
async fn database(config: &Config) -> anyhow::Result<Db> {
    let notifier: Arc<dyn Notifier> = match service(config)? {
        Some(service) => Arc::new(service),
        None => Arc::new(Hub::default()),
    };
    open(config, notifier).await
}

/// Another database than that of the settings, with its schema up to date.
async fn at(url: &str) -> anyhow::Result<Db> {
    let db = database::open(url, 0, Arc::new(Hub::default())).await.context("a database cannot be used")?;
    database::migrate(&db).await?;
    Ok(db)
}

async fn check(config: Config) -> anyhow::Result<()> {
    println!("The settings are in order.");
    let db = database::open(&config.database_url, 0, Arc::new(Hub::default()))
        .await
        .context("the database does not answer")?;
    db.close().await;
    println!("The database answers.");
    let files = Blobs::at(&config.files).context("EARSHOT_FILES is of no use")?;
    files.check().await.context("files cannot be kept at EARSHOT_FILES")?;
    println!("Files can be kept.");
    config.mail.check().await.context("the mail server of SMTP_URL is of no use")?;
    if let Some(address) = config.service {
        let place = address.api.clone();
        let checked = Api::new(address, config.keys)?.check().await;
        checked.with_context(|| format!("the Pusher service at {place} is of no use"))?;
        println!("The Pusher service at {place} accepts the keys.");
    }
    Ok(())
}

async fn add_user(db: &Db, name: &str, email: &str, admin: bool) -> anyhow::Result<()> {
    let new = NewPerson::check(name, email)?;
    let password = uuid::Uuid::new_v4().simple().to_string();
    let hash = Passwords::new()?.hash(password.clone()).await?;
    let mut tx = db.begin(APPLICATION).await?;
    let first = store::first(&mut tx).await?;
    let id = store::add(&mut tx, &new, &hash, admin).await?;
    if first {
        create_first(&mut tx, id).await?;
    }
    tx.commit().await?;
    println!("{} can sign in with the password {password}", new.email());
    Ok(())
}
