package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"

	"github.com/codesuite-go/codesuite/internal/artifact"
)

// Input returns the content of the input artifact of that name: a zip, tar or
// tar.gz archive, whatever its key is called. The artifact is downloaded with
// the job's credentials to a temporary file, 4 parts of 8 MiB at a time, once for
// all calls. A tar.gz archive is unpacked into another temporary file.
//
// The file system is an [fs.ReadLinkFS]. Modes are the permission bits in the
// archive. An archive that has none, as one made on Windows or by Java, gives
// 0644 and 0755, or 0444 and 0555 for read-only entries. All methods but Lstat
// and ReadLink follow links inside the archive; following one that leads out is
// an error. The file system is safe for concurrent use, a single open file is
// not. It can be read until the job is closed, which [Run] does when the handler
// has returned. The files of a tar archive are also [io.Seeker] and
// [io.ReaderAt].
//
// An archive is an [*ArchiveError] if
//
//   - it is damaged or over the [Limits]. Damaged contents of a zip entry are
//     reported when the entry is read.
//   - unpacking it could write outside the folder: with names that lead out, or
//     with a link and another entry of which some system takes the one for the
//     other.
//   - programs would read different things: with a name twice in a zip archive, a
//     name that is both a file and a folder, entries that overlap, headers that
//     differ from the directory, more than one archive in the file.
//   - it has devices and the like, encrypted entries or sparse files.
//   - it is no such archive: [ErrNotArchive] is then in the chain. See
//     [Job.OpenInput] for an artifact that is one plain file.
//
// Other errors are a [*Failure]: of type [FailureTypeConfigurationError] if the action
// has no input artifact of the name, [FailureTypeRevisionUnavailable] if it is not in the
// bucket, [FailureTypePermissionError] if access was denied.
func (j *Job) Input(ctx context.Context, name string) (fs.FS, error) {
	in, release, err := j.input(ctx, name)
	if err != nil {
		return nil, err
	}
	defer release()
	if in.fsys != nil {
		return in.fsys, nil
	}
	file, size, err := j.fetch(ctx, in)
	if err != nil {
		return nil, err
	}
	fsys, unpacked, err := artifact.Open(ctx, file, size, artifact.Limits(j.options.Limits).WithDefaults(), j.options.TempDir)
	switch {
	case err != nil && (ctx.Err() != nil || artifact.IsLocal(err)):
		return nil, fmt.Errorf("action: input artifact %q: %w", name, err)
	case errors.Is(err, ErrNotArchive): // OpenInput may read it
		return nil, archiveError(name, err)
	case err != nil:
		j.discard(in)
		return nil, archiveError(name, err)
	case unpacked != nil:
		j.discard(in)
		if err := j.keep(unpacked); err != nil {
			return nil, fmt.Errorf("action: input artifact %q: %w", name, err)
		}
	}
	in.fsys = fsys
	return fsys, nil
}

// OpenInput opens the input artifact of that name as one file, as it is in the
// store, whatever its format: a template, a jar, a disk image that an S3 source
// delivers. The artifact is downloaded as by [Job.Input], which a handler may
// call too. The caller closes the file.
//
// The file is also an [io.Seeker] and [io.ReaderAt], and can be read until the
// job is closed. Stat tells its size and, as its name, the last element of the
// artifact's key.
//
// The errors are those of Input, but no artifact is an [*ArchiveError]. One over
// [Limits].Download is a [*Failure].
func (j *Job) OpenInput(ctx context.Context, name string) (fs.File, error) {
	in, release, err := j.input(ctx, name)
	if err != nil {
		return nil, err
	}
	defer release()
	file, size, err := j.fetch(ctx, in)
	if err != nil {
		return nil, err
	}
	in.opened = true
	return artifact.OpenFile(path.Base(in.artifact.Key), file, size), nil
}

// input is an input artifact, once it was asked for.
type input struct {
	artifact Artifact

	lock   chan struct{} // holds one element while the fields below are in use
	fsys   fs.FS         // of Input
	file   *os.File      // the artifact as it was downloaded, while it is needed
	size   int64
	opened bool // OpenInput has returned the file
}

// input returns the input artifact of that name, which is the caller's until
// release is called.
func (j *Job) input(ctx context.Context, name string) (in *input, release func(), err error) {
	i := slices.IndexFunc(j.details().Inputs, func(a Artifact) bool { return a.Name == name })
	if i < 0 {
		return nil, nil, Failf(FailureTypeConfigurationError, "action: the action has no input artifact %q: %s", name, listArtifacts("input", j.details().Inputs))
	}
	in = &j.inputs[i]
	select {
	case in.lock <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, fmt.Errorf("action: input artifact %q: %w", name, context.Cause(ctx))
	}
	if j.isClosed() {
		<-in.lock
		return nil, nil, fmt.Errorf("action: input artifact %q: %w", name, errClosed)
	}
	return in, func() { <-in.lock }, nil
}

// discard removes the downloaded file, which nobody reads.
func (j *Job) discard(in *input) {
	if in.opened {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if i := slices.Index(j.files, in.file); i >= 0 { // else Close has removed it
		artifact.Unspool(in.file)
		j.files = slices.Delete(j.files, i, i+1)
	}
	in.file = nil
}

// fetch returns the temporary file that the artifact is downloaded to.
func (j *Job) fetch(ctx context.Context, in *input) (*os.File, int64, error) {
	if in.file != nil {
		return in.file, in.size, nil
	}
	file, err := artifact.Spool(j.options.TempDir)
	if err != nil {
		return nil, 0, fmt.Errorf("action: input artifact %q: %w", in.artifact.Name, err)
	}
	size, err := j.download(ctx, in.artifact, file)
	if err != nil {
		artifact.Unspool(file)
		return nil, 0, err
	}
	if err := j.keep(file); err != nil {
		return nil, 0, fmt.Errorf("action: input artifact %q: %w", in.artifact.Name, err)
	}
	j.options.Logger.DebugContext(ctx, "action: input artifact downloaded", "job", j.details().ID, "artifact", in.artifact.Name, "bytes", size)
	in.file, in.size = file, size
	return file, size, nil
}

// download writes an artifact to the file and returns its size.
func (j *Job) download(ctx context.Context, from Artifact, file *os.File) (int64, error) {
	s, err := j.store(artifact.Limits(j.options.Limits).WithDefaults().Download)
	if err == nil {
		_, err = s.transfers().DownloadObject(ctx, &transfermanager.DownloadObjectInput{
			Bucket:   aws.String(from.Bucket),
			Key:      aws.String(from.Key),
			WriterAt: file,
		})
		err = s.cause(err)
	}
	if err != nil {
		return 0, j.transferFailure("download input", from, err)
	}
	return file.Seek(0, io.SeekEnd)
}
