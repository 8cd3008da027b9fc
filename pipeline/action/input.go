package action

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"

	"github.com/codesuite-go/codesuite/internal/artifact"
)

// Input returns the content of the input artifact of that name, a zip, tar or
// tar.gz archive, which is told from its content. The artifact is downloaded
// with the job's credentials to a temporary file; what was asked for once is
// not downloaded again.
//
// The file system is an [fs.ReadLinkFS]: modes are the permission bits in the
// archive, links are as they are there, and are followed, inside the archive,
// by all methods but Lstat and ReadLink. It is safe for concurrent use, but not
// a single open file. It can be read until the job is closed, which [Run] does
// when the handler has returned. The files of a tar archive are also
// [io.Seeker] and [io.ReaderAt].
//
// An archive that is damaged or over the limits of the job is an
// [*ArchiveError], and so is one whose unpacking could harm: with names or
// links that lead out of it, or would on a system that follows more links or
// ignores the case of names, backslashes or drive letters, a name twice, a
// name that is both a file and a folder, devices and the like, encrypted
// entries, more behind the end of a tar archive. That the content of a file in a zip archive is damaged or larger
// than it says, shows when it is read.
//
// Other errors are a [*Failure]: of type [ConfigurationError] if the action
// has no input artifact of the name, [RevisionUnavailable] if it is not in the
// bucket, [PermissionError] if access was denied.
func (j *Job) Input(ctx context.Context, name string) (fs.FS, error) {
	i := slices.IndexFunc(j.details.Inputs, func(a Artifact) bool { return a.Name == name })
	if i < 0 {
		return nil, Failf(ConfigurationError, "action: the action has no input artifact %q: %s", name, listArtifacts("input", j.details.Inputs))
	}
	in := &j.inputs[i]
	select {
	case in.lock <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("action: input artifact %q: %w", name, context.Cause(ctx))
	}
	defer func() { <-in.lock }()
	if j.isClosed() {
		return nil, fmt.Errorf("action: input artifact %q: %w", name, errClosed)
	}
	if in.fsys != nil {
		return in.fsys, nil
	}
	fsys, file, err := j.fetch(ctx, j.details.Inputs[i])
	if err != nil {
		return nil, err
	}
	if err := j.keep(file); err != nil {
		return nil, fmt.Errorf("action: input artifact %q: %w", name, err)
	}
	in.fsys = fsys
	return fsys, nil
}

// input is an input artifact, once it was asked for.
type input struct {
	lock chan struct{} // holds one element while fsys is in use
	fsys fs.FS
}

// fetch returns what is in an artifact, and the file that holds it.
func (j *Job) fetch(ctx context.Context, in Artifact) (fs.FS, *os.File, error) {
	file, err := artifact.Spool(j.options.TempDir)
	if err != nil {
		return nil, nil, fmt.Errorf("action: %w", err)
	}
	limits := artifact.Limits(j.options.Limits).WithDefaults()
	size, err := j.download(ctx, in, file, limits.Download)
	if err != nil {
		artifact.Unspool(file)
		return nil, nil, err
	}
	fsys, file, err := artifact.Open(ctx, file, size, limits, j.options.TempDir)
	if err != nil {
		artifact.Unspool(file)
		if ctx.Err() != nil || artifact.IsLocal(err) {
			return nil, nil, fmt.Errorf("action: input artifact %q: %w", in.Name, err)
		}
		return nil, nil, archiveError(in.Name, err)
	}
	j.options.Logger.DebugContext(ctx, "action: input artifact downloaded", "job", j.details.ID, "artifact", in.Name, "bytes", size)
	return fsys, file, nil
}

// download writes an artifact to the file and returns its size.
func (j *Job) download(ctx context.Context, artifact Artifact, file *os.File, limit int64) (int64, error) {
	s, err := j.store(limit)
	if err == nil {
		_, err = s.transfers().DownloadObject(ctx, &transfermanager.DownloadObjectInput{
			Bucket:   aws.String(artifact.Bucket),
			Key:      aws.String(artifact.Key),
			WriterAt: file,
		})
		err = s.cause(err)
	}
	if err != nil {
		return 0, j.transferFailure("download input", artifact, err)
	}
	return file.Seek(0, io.SeekEnd)
}
