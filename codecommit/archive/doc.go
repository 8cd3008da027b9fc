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
// # What is in the archive
//
// A tar archive is byte for byte the output of git archive --format=tar for the
// commit. [Archiver.TarGz] compresses the same tar archive. A zip archive has the
// members of git archive --format=zip, with the same order, types, executable
// bits, link targets, extended timestamps and text flags, and with the commit ID
// as its comment. Two things differ from git's zip: the compressed bytes, because
// the compressor is another one, and the MS-DOS times, which are in UTC and stay
// within the years 1980 to 2107 that the format knows. The same commit and
// options give the same bytes on every machine, for one version of this module's
// dependencies.
//
// The model is git 2.39 with the form of %aI and %cI in UTC of git 2.45 and
// later: "2025-03-01T11:30:00Z". Older versions of git write "+00:00".
//
// The .gitattributes files of the tree count: export-ignore, export-subst, and
// the conversions of text, eol, ident and working-tree-encoding, as with
// core.autocrlf=false, core.eol=lf and no filter. export-subst depends on the
// commit alone. Abbreviated IDs (%h, %t, %p) have seven digits. Decorations,
// reflogs and signatures are empty, and %(describe) knows no tags, as in a clone
// without any. Relative dates are given in full. Names by mailmap (%aN, %cE and
// the like) follow the .mailmap of the archived tree; git takes that of its work
// tree or of HEAD.
//
// # Names
//
// Names are checked as git checks them on every system, and so that no member
// leaves the folder an archive is extracted to, on any system. Otherwise the
// error is [ErrInsecurePath]. Refused are elements ".." and ".git" between
// slashes or backslashes, absolute names, names that start with the letter of a
// drive, and names that lead through a link of the same archive, also where only
// Windows or macOS takes them so. Other backslashes are accepted. Only names that
// are archived are checked: [Options.Paths] and export-ignore leave others out.
//
// # One commit, proven
//
// The reference is resolved once, and every later call names the commit ID: a
// push in the middle changes nothing. Each blob is hashed against its ID, and the
// listing of files against the commit's tree ID, before the archive is complete.
// Content that does not fit is an [*IntegrityError] with its path.
// [Options.SkipVerify] turns these checks off.
//
// # Calls and memory
//
// GetDifferences lists the whole tree in pages; GetFolder lists folder by folder
// where that listing fails its proof. Each blob is fetched once, however often it
// occurs, while the listing still arrives. With [Options.Base], an earlier zip
// archive, only changes are fetched.
//
// [Archive.Write] holds 16 MiB of blobs that wait for their turn, 16 MiB of blobs
// that occur several times, and the blobs in flight, whatever the size of the
// repository and the speed of the writer. A file that attributes convert is held
// as a whole, up to 512 MiB; as in git, larger files are not converted.
//
// Throttling lowers the number of calls in flight for a while and is no error.
// Give the context a deadline where time matters.
//
// # Limits
//
// The API returns no file over 6 MB (6,291,456 bytes). The archive then fails
// with a [*TooLargeError] for each such file, unless [Options.LargeBlob] supplies
// them. Names that are not UTF-8 do not pass through the API and fail the proof.
// A commit whose message is not UTF-8, or whose people and dates are malformed,
// may be expanded differently by export-subst.
//
// The attribute working-tree-encoding takes the encodings of Unicode, ISO-8859,
// Windows and DOS, KOI8, Shift_JIS, EUC, GBK, GB18030 and Big5, by the names and
// with the bytes of glibc's iconv. Names that iconv does not know convert
// nothing, as in git. Another encoding, or a character whose bytes are not
// certain, is an error, unless [Options.KeepUnconverted] is set.
//
// Files in Git LFS are archived as pointers and listed in [Info.LFS].
//
// # Permissions
//
// The IAM actions codecommit:GetCommit, codecommit:GetDifferences and
// codecommit:GetBlob; codecommit:GetBranch for a branch,
// codecommit:GetRepository for the default branch, codecommit:GetFolder for a
// tag and for the listing folder by folder.
package archive
