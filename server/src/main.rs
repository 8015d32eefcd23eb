//! The commands.

use std::process::ExitCode;
use std::sync::Arc;

use app::people::passwords::Passwords;
use app::people::store::{self, NewPerson};
use app::store::{APPLICATION, Db};
use clap::{Parser, Subcommand};
use server::config::Config;
use server::hub::Hub;
use server::{AppState, demo, open, run};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// A chat for a small team. Settings come from the environment: see the README.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until told to stop: what is done when no command is given.
    Serve,
    /// Bring the database's schema up to date.
    Migrate,
    /// Fill an empty database with a small demo world.
    Demo,
    /// Accounts.
    #[command(subcommand)]
    User(User),
}

#[derive(Subcommand)]
enum User {
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
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn perform(command: Command) -> anyhow::Result<()> {
    let config = Config::from_env()?;
    match command {
        Command::Serve => serve(config).await,
        Command::Migrate => database(&config).await.map(drop),
        Command::Demo => demo::fill(&database(&config).await?, &Passwords::new()?, &config).await,
        Command::User(User::Add { name, email, admin }) => {
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
    Ok(run(listener, state, stop).await?)
}

/// The database for a command that runs beside no sockets: its notices are found by those who catch up.
async fn database(config: &Config) -> anyhow::Result<Db> {
    open(config, Arc::new(Hub::default())).await
}

async fn add_user(db: &Db, name: &str, email: &str, admin: bool) -> anyhow::Result<()> {
    let new = NewPerson::check(name, email)?;
    let password = uuid::Uuid::new_v4().simple().to_string();
    let hash = Passwords::new()?.hash(password.clone()).await?;
    let mut tx = db.begin(APPLICATION).await?;
    store::add(&mut tx, &new, &hash, admin).await?;
    tx.commit().await?;
    println!("{} can sign in with the password {password}", new.email());
    Ok(())
}
