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
//
// # Results are pinned and proven
//
// A reference such as a branch moves. [Repository.Resolve] turns it into a
// [Commit] once; everything else takes commit IDs. Blobs are hashed against
// their IDs and folder listings against their tree IDs, so that a truncated or
// damaged reply is an [*IntegrityError] and never a wrong result.
//
// # Errors, retries and throttling
//
// Failed calls are an [*Error] that names the operation and its object.
// errors.Is tells [io/fs.ErrNotExist] (no such repository, reference, path or
// blob), [io/fs.ErrPermission] (the error then names the IAM action that is
// missing) and [ErrTooLarge].
//
// CodeCommit's request rates hold for an account and Region, and everybody's
// git clients share them. Each Repository therefore lowers the number of its
// calls in flight when the service throttles it and raises it slowly again. On
// top of the SDK's retries, a throttled call, a server error or a lost
// connection is tried again until the context ends: give the context a
// deadline where one matters. Only a service that no call has reached yet is
// given up after the SDK's own retries.
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
// The IAM actions are named after the API operations: Resolve needs
// codecommit:GetCommit, and codecommit:GetBranch for branches,
// codecommit:GetRepository for the default branch and codecommit:GetFolder for
// tags. Blob needs codecommit:GetBlob, Folder and FS codecommit:GetFolder,
// Changes codecommit:GetDifferences, and Branches codecommit:ListBranches.
package codecommit
