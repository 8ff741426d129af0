//! SSH addresses, with a program in place of `ssh` that looks at what it is given and serves the repository itself.

use std::os::unix::fs::PermissionsExt;

use kargo_core::port::RefQuery;
use kargo_git::{Credentials, GitError, KnownHosts, Remote};

use crate::support::{Reader, Repository, fetch_of, query, reader_with};

/// A reader whose `ssh` writes down what it sees in `home`, and then does `rest`.
async fn with_ssh(home: &std::path::Path, rest: &str) -> Reader {
    let program = home.join("my ssh's program");
    let script = format!(
        "#!/bin/sh
cd '{}' || exit 1
printf '%s\\n' \"$@\" > arguments
while [ $# -gt 1 ]; do
  case \"$1\" in
    -i) stat -c %a \"$2\" > mode; cat \"$2\" > key; dirname \"$2\" > directory; shift ;;
    UserKnownHostsFile=*) file=${{1#*=}}; file=${{file#\\\"}}; file=${{file%\\\"}}; cat \"$file\" > hosts 2>/dev/null ;;
  esac
  shift
done
{rest}
",
        home.display()
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    reader_with(|settings| settings.ssh_program(program)).await
}

#[tokio::test]
async fn a_key_from_memory_opens_a_repository_and_is_gone_afterwards() {
    let origin = Repository::with_commits(3);
    let home = tempfile::tempdir().unwrap();
    let git = with_ssh(home.path(), "exec sh -c \"$1\"").await;
    let key = Credentials::SshKey {
        key: "-----BEGIN-----\r\nhunter2\r\n-----END-----".into(),
        hosts: KnownHosts::Lines("git.example.com ssh-ed25519 AAAA".to_owned()),
    };
    for url in [
        format!("ssh://git@git.example.com:2222{}", origin.path().display()),
        format!("git@git.example.com:{}", origin.path().display()),
    ] {
        let remote = Remote::new(&url).unwrap().with(key.clone());
        let what = fetch_of(&git, &remote, &["main"], true).await;
        git.fetch(&remote, &what).await.unwrap();
        let tip = what.branches.get("main").unwrap();
        assert_eq!(git.commits(&remote, &query(tip.as_str(), 9).paths(true)).await.unwrap().commits.len(), 3);
        let read = |name: &str| std::fs::read_to_string(home.path().join(name)).unwrap();
        assert_eq!(read("key"), "-----BEGIN-----\nhunter2\n-----END-----\n");
        assert_eq!(read("mode").trim(), "600");
        assert_eq!(read("hosts"), "git.example.com ssh-ed25519 AAAA\n");
        let arguments = read("arguments");
        for wanted in
            ["BatchMode=yes", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes", "git@git.example.com", "/dev/null"]
        {
            assert!(arguments.lines().any(|line| line == wanted), "{wanted} is not in {arguments}");
        }
        assert_eq!(arguments.contains("2222"), url.contains("2222"));
        assert!(!arguments.contains("hunter2"));
        assert!(!std::path::Path::new(read("directory").trim()).exists());
    }
}

#[tokio::test]
async fn discovery_3_2_host_keys_can_go_unchecked() {
    let origin = Repository::with_commits(1);
    let home = tempfile::tempdir().unwrap();
    let git = with_ssh(home.path(), "exec sh -c \"$1\"").await;
    let key = Credentials::SshKey { key: "k".into(), hosts: KnownHosts::Unchecked };
    let remote = Remote::new(&format!("ssh://h{}", origin.path().display())).unwrap().with(key);
    git.ls_remote(&remote, &RefQuery::default().and_head()).await.unwrap();
    let arguments = std::fs::read_to_string(home.path().join("arguments")).unwrap();
    assert!(arguments.lines().any(|line| line == "StrictHostKeyChecking=no"), "{arguments}");
}

#[tokio::test]
async fn what_ssh_says_is_classified() {
    let rows = [
        ("echo 'git@h: Permission denied (publickey).' >&2; exit 255", "Unauthorized"),
        ("echo 'Host key verification failed.' >&2; exit 255", "Untrusted"),
        ("echo 'ssh: connect to host h port 22: Connection refused' >&2; exit 255", "Unreachable"),
        ("echo 'ERROR: Repository not found.' >&2; exit 1", "NoRepository"),
        ("exec sh -c \"$1\"", "NoRepository"),
    ];
    for (script, class) in rows {
        let home = tempfile::tempdir().unwrap();
        let git = with_ssh(home.path(), script).await;
        let error = git.ls_remote(&Remote::new("ssh://git@h/nowhere").unwrap(), &RefQuery::default().and_head()).await;
        let error = error.unwrap_err();
        let name = match &error {
            GitError::Unauthorized { .. } => "Unauthorized",
            GitError::Untrusted { .. } => "Untrusted",
            GitError::Unreachable { .. } => "Unreachable",
            GitError::NoRepository { .. } => "NoRepository",
            _ => "another",
        };
        assert_eq!(name, class, "{script}: {error}");
    }
}
