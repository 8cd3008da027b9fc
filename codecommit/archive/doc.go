// Package archive makes archives of a CodeCommit repository through the AWS API
// alone, exactly as git archive makes them, without git, without a clone and
// without git credentials.
//
//	repo := codecommit.Open(cfg, "staging")
//	info, err := archive.New(repo).Zip("main").Save(ctx, "staging.zip")
//	if err != nil {
//		return err
//	}
//	log.Printf("%s: %d files in %d calls", info.Commit.ID, info.Files, info.Calls)
//
// # What is in the archive
//
// A tar archive is byte for byte what git archive --format=tar prints for the
// commit: the commit ID in the global header, modes, times, owners, long names,
// links, submodules as empty folders, padding. [Archiver.TarGz] holds the same
// tar archive.
//
// A zip archive has the members of git archive --format=zip, in the same order
// and with the same types, executable bits, link targets, extended timestamps,
// and the commit ID as its comment. Names outside ASCII are flagged as UTF-8.
// Compressed bytes are not those of git, which has another compressor, and the
// MS-DOS times are in UTC where git takes the local time zone. The same commit
// and options give the same bytes on every machine and in every run, for one
// version of this module's dependencies.
//
// The .gitattributes files of the tree count as they do for git archive:
// export-ignore, export-subst, and the conversions of text, eol, ident and
// working-tree-encoding, as with core.autocrlf=false and core.eol=lf and with
// no filter configured. export-subst expands what follows from the commit. What
// depends on a clone has a fixed result: abbreviated IDs (%h, %t, %p) have seven
// digits; decorations (%d, %D), reflogs (%g…) and signatures (%G…) are as in a
// clone without any, %(describe) is as in one without tags, and relative dates
// (%ar, %cr) are given in full. A commit that is not UTF-8, or whose people and
// dates are not in git's form, does not pass through the API as it is and may be
// expanded differently.
//
// # One commit, proven
//
// The reference is resolved once, and every later call names the commit ID: a
// push in the middle changes nothing. Each blob is hashed against its ID, and
// the listing of files against the commit's tree ID, before the archive is
// complete. What does not fit is an [*IntegrityError] that names the path.
// [Options.SkipVerify] turns that off.
//
// # Calls, time and memory
//
// The files are listed by GetDifferences, which returns a whole tree in pages,
// and only where that listing fails its proof by a GetFolder for each folder.
// Each blob is fetched once, however often it occurs, while the listing is still
// arriving. With [Options.Base], an earlier zip archive, only what has changed
// since is fetched.
//
// A fetch starts only while fewer than 16 MiB wait for their turn in the
// archive, so that [Archive.Write] needs that, as much again for blobs that
// occur several times, and the blobs in flight, whatever the size of the
// repository and however slow the writer.
//
// Throttling lowers the number of calls in flight for a while, on top of the
// SDK's retries, and is no error: give the context a deadline where time
// matters.
//
// # Measured
//
// The source of Go (11,478 files in 1,324 folders, 128 MB) from a service that
// answers each call after 20 ms, with 64 calls in flight, on two cores that also
// run the service. The calls alone must take 3.5 s.
//
//	                         calls    time
//	tar                     11,282   4.2 s   1.19 × the calls alone
//	zip                     11,282   4.6 s   1.32 ×
//	zip, three files after
//	its Base                     6   0.8 s
//
// Each file costs 50 kB of allocations as tar and 52 kB as zip, those of the
// service included.
//
// 300 files of 2 MiB that do not compress, with 16 calls in flight, take 108 MiB
// of memory as tar, 130 MiB as zip and 133 MiB as tar.gz, for the whole process.
// From a service that allows 500 calls a second, fails 4 % of them and drops 2 %
// of the connections, 2,000 files take 1.07 times what they must at that rate.
//
//	go test -run '^$' -bench . -benchtime 3x ./codecommit/archive
//
// # Limits
//
// The API returns no file over 6 MB (6,291,456 bytes). Without
// [Options.LargeBlob] to supply them, the archive fails with a [*TooLargeError]
// for each. Names that are not UTF-8 do not pass through the API and fail the
// proof. Names that are unsafe to extract fail with [ErrInsecurePath]: elements
// ".." and ".git", absolute ones, and, although git allows them, names with a
// backslash and names that start like "a:", with the letter of a drive.
//
// The attribute working-tree-encoding takes UTF-8, UTF-16 and UTF-32 in git's
// variants, ISO-8859-1, Windows-1252 and US-ASCII. A file with another encoding
// fails the archive; git, which leaves that to the system's iconv, warns and
// archives what it cannot convert as it is.
//
// Files in Git LFS are archived as the pointers that the repository holds, and
// listed in [Info.LFS].
//
// # Permissions
//
// The IAM actions codecommit:GetCommit, codecommit:GetDifferences and
// codecommit:GetBlob; codecommit:GetBranch for a branch,
// codecommit:GetRepository for the default branch, codecommit:GetFolder for a
// tag and for the listing folder by folder.
package archive
