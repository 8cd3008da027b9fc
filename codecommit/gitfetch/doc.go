// Package gitfetch gets from a CodeCommit repository what the API does not return:
// files over 6 MB. It speaks Git's own protocol, signed with AWS credentials. It
// needs no git program, no git credentials and no clone.
//
//	repo := codecommit.Open(cfg, "staging")
//	archiver := archive.New(repo, func(o *archive.Options) {
//		o.LargeBlob = gitfetch.LargeBlob(cfg)
//	})
//	info, err := archiver.Zip("main").Save(ctx, "staging.zip")
//
// [Credentials] returns user and password for git itself, or for another library.
//
// # One fetch for all files
//
// [LargeBlob] asks for all large files that the archive knows of in one fetch:
// for the files alone where the server gives them so, or else for the commit
// without its history. What arrives goes through a pack in a temporary file. Each
// object in it is hashed, and deltas are resolved in bounded memory: some 32 MiB and
// about 100 bytes for each object. The temporary files take the disk space of the
// pack and, for a while, of the largest objects in it. They are removed when the
// context of the calls ends, which for an archive is its own end.
//
// A connection that breaks is tried again ([Options.MaxElapsed]). A pack that is
// damaged, or says what is not so, is an error.
//
// # Limits
//
// A file may have 2 GiB, as the service takes no larger one. Repositories with
// SHA-256 object IDs are refused; CodeCommit has none. The server must speak
// version 2 or 0 of Git's protocol over HTTP. The service does not document whether
// it gives single files, or commits to which no branch or tag leads: where it does
// not, the error of such a commit says so.
//
// # Permissions
//
// The IAM action codecommit:GitPull on the repository.
package gitfetch
