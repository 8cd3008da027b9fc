// Package archive makes archives of a CodeCommit repository through the AWS API
// alone, exactly as git archive makes them. It needs no git, no clone and no git
// credentials.
//
//	repo := codecommit.Open(cfg, "staging")
//	info, err := archive.New(repo).Zip("main").Save(ctx, "staging.zip")
//	if err != nil {
//		return err
//	}
//	log.Printf("%s: %d files in %d calls", info.Commit.ID, info.Files, info.Calls)
//
// # The archive
//
// A tar archive is byte for byte the output of git archive --format=tar for the
// commit. [Archiver.TarGz] compresses the same tar archive. A zip archive has the
// members of git archive --format=zip. The same commit and options give the same
// bytes on every machine, for one version of this module's dependencies. [Archive]
// describes what the archive takes from .gitattributes, and where git's zip
// differs.
//
// No member leaves the folder an archive is extracted to, on any system:
// otherwise the error is [ErrInsecurePath].
//
// # One commit, proven
//
// The reference is resolved once, and every later call names the commit ID: a
// push in the middle changes nothing. Each blob is hashed against its ID, and the
// listing of files against the commit's tree ID, before the archive is complete.
// Content that does not fit is an [*IntegrityError] with its path.
// [Options.SkipVerify] turns these checks off.
//
// [Archive.Write] writes files while others are still listed, and the proof of the
// listing comes last: what it wrote before an error is no archive. [Archive.Save]
// and [Archive.Bytes] give a proven archive or none.
//
// # Calls and memory
//
// An archive takes a call for each blob and one for each page of the listing. With
// [Options.Base], an earlier zip archive, only changes are fetched. [Archive.Write]
// holds about 32 MiB, the blobs in flight and the names of the files, whatever the size
// of the files and the speed of the writer. [Archiver] says more about both.
//
// Throttling lowers the number of calls in flight for a while and is no error.
// Give the context a deadline where time matters.
//
// # Limits
//
// The API returns no file over 6 MB (6,291,456 bytes). The archive then fails
// with a [*TooLargeError] for each such file, unless [Options.LargeBlob] supplies
// them. Package gitfetch has a function for that, which fetches them by Git's
// protocol with the same credentials. Names that are not UTF-8 do not pass through
// the API and fail the proof. A character encoding that this package cannot produce
// is an error; see [Options.KeepUnconverted]. Files in Git LFS are archived as
// pointers and listed in [Info.LFS].
//
// # Permissions
//
// The IAM actions codecommit:GetCommit, codecommit:GetDifferences and
// codecommit:GetBlob; codecommit:GetBranch for a branch,
// codecommit:GetRepository for the default branch, codecommit:GetFolder for a
// tag and for the listing folder by folder. Without codecommit:GetFolder an archive
// waits for slow pages.
package archive
