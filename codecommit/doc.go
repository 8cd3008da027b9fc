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
// A branch moves. [Repository.Resolve] turns a reference into a [Commit] once, and
// [Repository.FS] does so for a whole tree; the other methods take commit IDs.
//
// # Proof
//
// Blobs are hashed against their IDs and folder listings against their tree IDs:
// a truncated or damaged reply is an [*IntegrityError] and never a wrong result.
// Two results are not verified: the [Commit], because the API omits parts of the
// commit object, and the list of [Repository.Changes] and its pages.
//
// # Errors
//
// A failed call is an [*Error] that names the operation and its object. errors.Is
// finds [io/fs.ErrNotExist] (no such repository, reference, path or blob),
// [io/fs.ErrPermission] (the error then names the missing IAM action),
// [ErrTooLarge], and the error of a context that has ended. errors.As finds the
// SDK's error. Mistakes in the arguments of [New] are the error of the first call.
//
// # Retries and throttling
//
// A call that is throttled, fails with a server error or loses its connection is
// made again, on top of the SDK's retries, for 5 minutes; Options.MaxElapsed
// changes that. A call fails at once if no call has reached the service yet, as
// with a wrong Region or no network, and for an error of an encryption key.
//
// CodeCommit's request rates hold for an account and Region, and git clients share
// them. A Repository that is throttled lowers the number of its calls in flight,
// and raises it slowly again.
//
// # Limits
//
// The API returns no content over 6 MB (6,291,456 bytes). Names that are not UTF-8
// arrive changed, and their folders fail the proof. The API resolves no
// abbreviated commit IDs and none of git's expressions such as main~2.
//
// # Permissions
//
// The IAM actions are named after the API operations:
//
//   - Resolve: codecommit:GetCommit; codecommit:GetBranch for short names and
//     branches; codecommit:GetFolder for tags and other references;
//     codecommit:GetRepository and GetBranch for the default branch
//   - FS: those of Resolve, codecommit:GetFolder and codecommit:GetBlob;
//     codecommit:GetDifferences makes walks through the tree quick
//   - Folder: codecommit:GetFolder
//   - Blob: codecommit:GetBlob
//   - Changes, ChangePages: codecommit:GetDifferences
//   - Branches: codecommit:ListBranches
//   - DefaultBranch: codecommit:GetRepository
package codecommit
