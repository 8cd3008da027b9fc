package multibranch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/branchslug"
	"github.com/codesuite-go/codesuite/pipeline"
)

// S3API is what a [Handler] calls of the AWS SDK's S3 client. Embed the
// interface in a fake, as it may grow.
type S3API interface {
	transfermanager.S3APIClient
	DeleteObjects(context.Context, *awss3.DeleteObjectsInput, ...func(*awss3.Options)) (*awss3.DeleteObjectsOutput, error)
	GetBucketVersioning(context.Context, *awss3.GetBucketVersioningInput, ...func(*awss3.Options)) (*awss3.GetBucketVersioningOutput, error)
	ListObjectVersions(context.Context, *awss3.ListObjectVersionsInput, ...func(*awss3.Options)) (*awss3.ListObjectVersionsOutput, error)
}

var _ S3API = (*awss3.Client)(nil)

// s3Model is ModelS3.
type s3Model struct{ *Handler }

// The metadata of an object.
const (
	metaSummary    = "codepipeline-artifact-revision-summary" // shown by CodePipeline
	metaCommit     = "commit"
	metaRepository = "repository"
	metaBranch     = "branch" // as a slug
	metaPushed     = "pushed" // RFC 3339
)

// maxSlug is the length of a branch in a key. Every branch up to the service's
// 256 ASCII characters fits, with 11 more for the hash.
const maxSlug = 300

// folder returns the prefix of the keys of a branch.
func (m *s3Model) folder(b branch) string {
	return m.options.KeyPrefix + b.repository.Name() + "/" + branchslug.Encode(b.name, maxSlug) + "/"
}

// key returns the key of the object of a push. A branch has one, whose versions
// are its pushes; with EveryPush each commit has its own, as pushes may come in
// any order.
func (m *s3Model) key(p push) string {
	if m.options.EveryPush {
		return m.folder(p.branch) + p.commit.ID + ".zip"
	}
	return m.folder(p.branch) + "source.zip"
}

// stored is a version of an object.
type stored struct {
	version, etag string
	commit        string
	pushed        time.Time
}

// maxConflicts is how often an upload is tried that others overtake.
const maxConflicts = 10

func (m *s3Model) start(ctx context.Context, p push) (execution, error) {
	s, err := m.structure(ctx, p.pipeline, m.options.CacheTime)
	if err != nil {
		return execution{}, err
	}
	source, err := s.source("S3", "S3Bucket", p.bucket)
	if err != nil {
		return execution{}, err
	}
	key := m.key(p)
	if source.Configuration["S3ObjectKey"] != key && source.Configuration["AllowOverrideForS3ObjectKey"] != "true" {
		m.structures.forget(p.pipeline)
		return execution{}, fmt.Errorf("the source action %s of the pipeline %s must have AllowOverrideForS3ObjectKey \"true\" in its configuration, to fetch the object of another branch",
			aws.ToString(source.Name), p.pipeline)
	}
	object, err := m.store(ctx, p, key)
	if err != nil || object == nil {
		return execution{}, err
	}
	action := aws.ToString(source.Name)
	p.pushed = object.pushed
	return m.run(ctx, s, p,
		pipeline.SourceRevisionOverride{Action: action, Type: pipeline.RevisionS3ObjectKey, Value: key},
		pipeline.SourceRevisionOverride{Action: action, Type: pipeline.RevisionS3ObjectVersion, Value: object.version})
}

// store returns the object of the push, which it makes if it is not there, or
// nil if the branch's object is of a newer push.
func (m *s3Model) store(ctx context.Context, p push, key string) (*stored, error) {
	for conflicts := 0; ; conflicts++ {
		last, err := m.stored(ctx, p.bucket, key)
		if err != nil {
			return nil, err
		}
		if last != nil && p.same(last.commit, last.pushed) {
			return last, nil
		}
		if last != nil && !p.pushed.IsZero() && last.pushed.After(p.pushed) {
			if overtaken, err := m.overtaken(ctx, p, last.commit); overtaken || err != nil {
				return nil, err
			}
		}
		object, err := m.upload(ctx, p, key, last)
		if err == nil {
			return object, nil
		}
		if !conflict(err) || conflicts == maxConflicts || ctx.Err() != nil {
			return nil, err
		}
		m.options.Logger.LogAttrs(ctx, slog.LevelInfo, "multibranch: another push of the branch was stored meanwhile",
			slog.String("repository", p.repository.Name()), slog.String("branch", p.name), slog.String("commit", p.commit.ID))
	}
}

// conflict reports whether a conditional write failed as the object has changed.
func conflict(err error) bool {
	switch apierror.Code(err) {
	case "PreconditionFailed", "ConditionalRequestConflict":
		return true
	}
	return apierror.Status(err) == http.StatusPreconditionFailed
}

// s3Error is a failed call of S3.
func s3Error(operation, bucket, key string, err error) error {
	if key != "" {
		bucket += "/" + key
	}
	hint := ""
	if apierror.Denied(err) || apierror.Status(err) == http.StatusForbidden {
		hint = ": access denied, allow the IAM action s3:" + operation
	}
	return fmt.Errorf("%s of s3://%s%s: %w", apierror.Words(operation), bucket, hint, err)
}

// stored returns the newest version of the object, nil if there is none.
func (m *s3Model) stored(ctx context.Context, bucket, key string) (*stored, error) {
	out, err := m.clients.S3.HeadObject(ctx, &awss3.HeadObjectInput{Bucket: &bucket, Key: &key})
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if apierror.Status(err) == http.StatusNotFound && apierror.Code(err) != "NoSuchBucket" {
		return nil, nil
	}
	if err != nil {
		return nil, s3Error("GetObject", bucket, key, err) // the action that HEAD needs
	}
	object := &stored{version: aws.ToString(out.VersionId), etag: aws.ToString(out.ETag), commit: out.Metadata[metaCommit]}
	if pushed, err := time.Parse(time.RFC3339, out.Metadata[metaPushed]); err == nil {
		object.pushed = pushed
	}
	if err := versioned(bucket, object.version); err != nil {
		return nil, err
	}
	return object, nil
}

// versioned returns an error if the version is that of a bucket without
// versions.
func versioned(bucket, version string) error {
	if version == "" || version == "null" {
		return fmt.Errorf("the bucket %s keeps no versions: turn on its versioning, as an execution is pinned to a version", bucket)
	}
	return nil
}

// remove stops the executions of the branch and deletes its objects with all
// their versions.
func (m *s3Model) remove(ctx context.Context, b branch) error {
	versions, err := m.versions(ctx, b)
	if err != nil {
		return err
	}
	ids := make(map[string]bool, len(versions))
	for _, v := range versions {
		ids[aws.ToString(v.VersionId)] = true
	}
	return errors.Join(m.stopBranch(ctx, b, ids, false), m.deleteVersions(ctx, b.bucket, versions))
}

// summary returns the text as the metadata of an object can carry it: one line
// of ASCII.
func summary(message string) string {
	const limit = 500
	var b strings.Builder
	for _, c := range message {
		if b.Len() == limit {
			break
		}
		switch {
		case c == '\n', c == '\r', c == '\t':
			c = ' '
		case c < ' ' || c > '~':
			c = '?'
		}
		b.WriteRune(c)
	}
	return strings.TrimSpace(b.String())
}
