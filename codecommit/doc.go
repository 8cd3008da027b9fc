// Package codecommit reads a CodeCommit repository through the AWS API alone,
// without git and without git credentials: references, commits, folders,
// blobs, changes between commits, and the whole tree as an [io/fs.FS].
//
//	repo := codecommit.Open(cfg, "staging")
//	commit, err := repo.Resolve(ctx, "main")
//	if err != nil {
//		return err
//	}
//	for change, err := range repo.Changes(ctx, lastBuilt, commit.ID) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(change.Type, change.Path)
//	}
//	fsys, err := repo.FS(ctx, commit.ID)
//	if err != nil {
//		return err
//	}
//	buildspec, err := fs.ReadFile(fsys, "buildspec.yml")
//
// # Results are pinned and proven
//
// A reference such as a branch moves. [Repository.Resolve] turns it into a
// [Commit] once, and [Repository.FS] does so for a whole tree; everything else
// takes commit IDs. Blobs are hashed against their IDs and folder listings
// against their tree IDs, so that a truncated or damaged reply is an
// [*IntegrityError] and never a wrong result. Two things cannot be proven: that
// a commit's ID is of what GetCommit tells, as the API leaves out some of a
// commit, and that the list of [Repository.Changes] is complete.
//
// # Errors, retries and throttling
//
// Failed calls are an [*Error] that names the operation and its object.
// errors.Is tells [io/fs.ErrNotExist] (no such repository, reference, path or
// blob), [io/fs.ErrPermission] (the error then names the IAM action that is
// missing), [ErrTooLarge], and the error of a context that has ended;
// errors.As gives the SDK's error.
//
// CodeCommit's request rates hold for an account and Region, and everybody's
// git clients share them. Each Repository therefore lowers the number of its
// calls in flight when the service throttles it and raises it slowly again. On
// top of the SDK's retries, a throttled call, a server error or a lost
// connection is tried again until the context ends, at most every 20 seconds:
// give the context a deadline where one matters. A service that no call has
// reached yet, as with a wrong Region or no network, is given up after the SDK's
// own retries, and so are the errors of an encryption key.
//
// # Limits
//
// The API returns no content over 6 MB (6,291,456 bytes), no folder listing in
// pages, and names as JSON strings: a name that is not UTF-8 arrives changed
// and fails the proof. It resolves no abbreviated commit IDs and none of git's
// expressions such as main~2.
//
// # Permissions
//
// The IAM actions are named after the API operations:
//
//   - Resolve: codecommit:GetCommit; codecommit:GetBranch for short names and
//     branches; codecommit:GetFolder for tags and other references;
//     codecommit:GetRepository and GetBranch for the default branch
//   - FS: those of Resolve, codecommit:GetFolder and codecommit:GetBlob
//   - Folder: codecommit:GetFolder
//   - Blob: codecommit:GetBlob
//   - Changes: codecommit:GetDifferences
//   - Branches: codecommit:ListBranches
//   - DefaultBranch: codecommit:GetRepository
package codecommit
