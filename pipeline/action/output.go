package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	transfertypes "github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager/types"

	"github.com/codesuite-go/codesuite/internal/artifact"
	"github.com/codesuite-go/codesuite/internal/ctxio"
)

// abortTimeout is the time to tell S3 that an upload was given up.
const abortTimeout = 10 * time.Second

// PutOutput uploads the content as the output artifact of that name: a zip
// archive, encrypted with the key of the artifact store, under the bucket and
// key of the job. The archive is streamed in parts, so that memory does not grow
// with its size. If anything fails, there is no object, unless S3 stored it and
// only its reply was lost. Where the job's credentials do not allow
// s3:AbortMultipartUpload, invisible parts may remain, which a lifecycle rule of
// the bucket removes.
//
// The same content gives the same bytes. Entries are sorted by name, and their
// time is 1980-02-01. They have the permission bits of the content, where 0
// stands for 0644 or 0755. Links are stored as links and not followed, which
// takes a content that is an [fs.ReadLinkFS], such as that of [os.DirFS] or
// [Job.Input]. Folders without files are kept.
//
// Content that [Job.Input] of a job with the same [Limits] would refuse is an
// error that wraps an [*ArchiveError]. Names and links are checked before
// anything is uploaded.
//
// An artifact is put once; after an error it can be put again. Errors that are
// not of the content are a [*Failure]: of type [FailureTypeConfigurationError]
// if the action has no output artifact of the name, and of type
// [FailureTypePermissionError] if access was denied.
//
// Put all output artifacts of the action before its final result. CodePipeline
// takes a result without them, and then the action that needs one fails. [Run]
// logs a warning about it. It does not fail the job, which may have put the
// artifact in another way, or before it was continued.
func (j *Job) PutOutput(ctx context.Context, name string, content fs.FS) error {
	if content == nil {
		return fmt.Errorf("action: output artifact %q: there is no content: the fs.FS is nil", name)
	}
	return j.put(ctx, name, "application/zip", func(w io.Writer) error {
		return artifact.Write(ctx, w, content, artifact.Limits(j.options.Limits).WithDefaults())
	})
}

// PutOutputFile uploads the content as the output artifact of that name, as it
// is: an artifact that is one file, such as a template, for an action that takes
// no archive. Encryption and errors are those of [Job.PutOutput].
func (j *Job) PutOutputFile(ctx context.Context, name string, content io.Reader) error {
	if content == nil {
		return fmt.Errorf("action: output artifact %q: there is no content: the io.Reader is nil", name)
	}
	return j.put(ctx, name, "application/octet-stream", func(w io.Writer) error {
		limit := artifact.Limits(j.options.Limits).WithDefaults().Download
		n, err := io.Copy(w, io.LimitReader(ctxio.NewReader(ctx, content), limit+1))
		if err == nil && n > limit {
			err = &artifact.Error{Err: fmt.Errorf("it has over the limit of %d bytes (Limits.Download)", limit)}
		}
		return err
	})
}

// put uploads what write writes as the output artifact of that name.
func (j *Job) put(ctx context.Context, name, contentType string, write func(io.Writer) error) error {
	i := slices.IndexFunc(j.details().Outputs, func(a Artifact) bool { return a.Name == name })
	if i < 0 {
		return Failf(FailureTypeConfigurationError, "action: the job wants to put an output artifact %q, but the action has none of that name: %s",
			name, listArtifacts("output", j.details().Outputs))
	}
	if !j.startPut(name) {
		return fmt.Errorf("action: output artifact %q was put before", name)
	}
	done := false
	defer func() { j.endPut(name, done) }() // also if the content panics
	if err := j.upload(ctx, j.details().Outputs[i], contentType, write); err != nil {
		return err
	}
	done = true
	j.options.Logger.DebugContext(ctx, "action: output artifact uploaded", "job", j.details().ID, "artifact", name)
	return nil
}

// errAbandoned is why one side of an upload does not go on when the other one
// has ended.
var errAbandoned = errors.New("action: the upload was given up")

func (j *Job) upload(ctx context.Context, out Artifact, contentType string, write func(io.Writer) error) error {
	s, err := j.store(0)
	if err != nil {
		return j.transferFailure("upload output", out, err)
	}
	in := &transfermanager.UploadObjectInput{
		Bucket:               aws.String(out.Bucket),
		Key:                  aws.String(out.Key),
		ContentType:          aws.String(contentType),
		ServerSideEncryption: transfertypes.ServerSideEncryptionAwsKms,
	}
	if key := j.details().EncryptionKey; key != "" {
		in.SSEKMSKeyID = aws.String(key)
	}
	pr, pw := io.Pipe()
	in.Body = pr
	uploaded := make(chan struct{})
	go func() {
		defer close(uploaded)
		_, err = s.transfers().UploadObject(ctx, in)
		pr.CloseWithError(errAbandoned)
	}()
	stop := context.AfterFunc(ctx, func() { pw.CloseWithError(errAbandoned) })
	defer stop()

	// The content is read here and not in the goroutine above, so that if it
	// panics, the handler does.
	wrote := errAbandoned
	func() {
		defer func() {
			if wrote == nil {
				pw.Close()
			} else {
				pw.CloseWithError(errAbandoned) // wrote may be io.EOF, which would end the artifact
			}
			<-uploaded
		}()
		wrote = write(pw)
	}()
	switch {
	case ctx.Err() != nil && errors.Is(err, errAbandoned):
		return j.transferFailure("upload output", out, context.Cause(ctx))
	case wrote != nil && !errors.Is(wrote, errAbandoned) && ctx.Err() == nil:
		return fmt.Errorf("action: output artifact %q: %w", out.Name, refusedContent(wrote))
	case err != nil:
		return j.transferFailure("upload output", out, err)
	}
	return nil
}

// refusedContent returns the error of writing an artifact with an
// [*ArchiveError] in its chain, if content was refused.
func refusedContent(err error) error {
	if errors.As(err, new(*artifact.Error)) {
		return archiveError("", err)
	}
	return err
}
