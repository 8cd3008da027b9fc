package multibranch

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/s3/transfermanager"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/internal/branchslug"
)

// The parts of an upload. As many are in memory as are being sent, and one more.
const (
	partSize    = 8 << 20
	partsAtOnce = 3
	// abortTimeout is how long removing the parts of a failed upload may take.
	abortTimeout = 10 * time.Second
)

// upload archives the commit straight to the bucket. With EveryPush the object
// must not exist; else the newest version must be last, which is nil for none.
func (m *s3Model) upload(ctx context.Context, p push, key string, last *stored) (*stored, error) {
	start := time.Now()
	base, err := m.base(ctx, p, last, key)
	if err != nil {
		return nil, err
	}
	defer base.close()
	archiver := archive.New(p.repository, func(o *archive.Options) {
		o.Base = base.zip
		o.Logger = m.options.Logger
		if m.options.CommitInfo {
			o.Extra = []archive.File{{Name: "commit_info.json", Content: commitInfo(p)}}
		}
		if m.options.Archive != nil {
			m.options.Archive(o)
		}
	})
	in := &transfermanager.UploadObjectInput{
		Bucket: &p.bucket, Key: &key, ContentType: aws.String("application/zip"),
		Metadata: map[string]string{
			metaSummary:    summary(p.commit.Subject()),
			metaCommit:     p.commit.ID,
			metaRepository: p.repository.Name(),
			metaBranch:     branchslug.Encode(p.name, maxSlug),
		},
	}
	if !p.pushed.IsZero() {
		in.Metadata[metaPushed] = p.pushed.Format(time.RFC3339)
	}
	if last == nil {
		in.IfNoneMatch = aws.String("*")
	} else {
		in.IfMatch = &last.etag
	}
	info, out, err := m.stream(ctx, archiver.Zip(p.commit.ID), in)
	if err != nil {
		return nil, err
	}
	object := &stored{version: aws.ToString(out.VersionID), etag: aws.ToString(out.ETag), commit: p.commit.ID, pushed: p.pushed}
	if err := versioned(p.bucket, object.version); err != nil {
		return nil, err
	}
	m.options.Logger.LogAttrs(ctx, slog.LevelInfo, "multibranch: stored", slog.String("repository", p.repository.Name()),
		slog.String("branch", p.name), slog.String("commit", p.commit.ID), slog.String("key", key), slog.String("version", object.version),
		slog.Int("files", info.Files), slog.Int64("bytes", info.Bytes), slog.Int("calls", info.Calls), slog.Int("reused", info.Base.Reused),
		slog.Duration("took", time.Since(start)))
	return object, nil
}

// stream makes the archive and uploads it as it is made.
func (m *s3Model) stream(ctx context.Context, ar *archive.Archive, in *transfermanager.UploadObjectInput) (*archive.Info, *transfermanager.UploadObjectOutput, error) {
	manager := transfermanager.New(m.clients.S3, func(o *transfermanager.Options) {
		o.PartSizeBytes = partSize
		o.MultipartUploadThreshold = partSize
		o.Concurrency = partsAtOnce
		o.FailTimeout = abortTimeout
	})
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	reader, writer := io.Pipe()
	type made struct {
		info *archive.Info
		err  error
	}
	done := make(chan made, 1)
	go func() {
		info, err := ar.Write(ctx, writer)
		writer.CloseWithError(err) // without an error it is the end of the object
		done <- made{info, err}
	}()
	in.Body = reader
	out, err := manager.UploadObject(ctx, in)
	if err != nil { // ends the archive
		reader.CloseWithError(err)
		cancel()
	}
	result := <-done
	switch {
	case err == nil:
		return result.info, out, result.err
	case result.err != nil && !errors.Is(result.err, err) && !errors.Is(result.err, context.Canceled):
		return nil, nil, result.err // which the upload failed for
	}
	return nil, nil, s3Error("PutObject", aws.ToString(in.Bucket), aws.ToString(in.Key), err)
}

// base is an earlier archive of the branch, in a temporary file.
type base struct {
	zip  *zip.Reader
	file *os.File
}

func (b *base) close() {
	if b.file != nil {
		b.file.Close()
		os.Remove(b.file.Name())
	}
}

// base fetches the object to start from. Without one, or without space for it,
// the archive is made without. Only a context that has ended is an error.
func (m *s3Model) base(ctx context.Context, p push, last *stored, key string) (*base, error) {
	if m.options.EveryPush {
		var err error
		if key, last, err = m.newest(ctx, p); err != nil {
			return nil, err
		}
	}
	if last == nil {
		return &base{}, nil
	}
	b, err := m.download(ctx, p.bucket, key, last)
	if err == nil {
		return b, nil
	}
	if ctx.Err() != nil {
		return nil, s3Error("GetObjectVersion", p.bucket, key, err)
	}
	m.options.Logger.LogAttrs(ctx, slog.LevelWarn, "multibranch: archiving all files, as the last archive of the branch cannot be had",
		slog.String("repository", p.repository.Name()), slog.String("branch", p.name), slog.Any("error", err))
	return &base{}, nil
}

func (m *s3Model) download(ctx context.Context, bucket, key string, last *stored) (*base, error) {
	in := &awss3.GetObjectInput{Bucket: &bucket, Key: &key}
	if last.version != "" {
		in.VersionId = &last.version
	}
	out, err := m.clients.S3.GetObject(ctx, in)
	if err != nil {
		return nil, err
	}
	defer out.Body.Close()
	file, err := os.CreateTemp("", "multibranch-*.zip")
	if err != nil {
		return nil, err
	}
	b := &base{file: file}
	size, err := io.Copy(file, out.Body)
	if err == nil {
		b.zip, err = zip.NewReader(file, size)
	}
	if err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

// newest returns the object of the branch that was stored last, for EveryPush.
func (m *s3Model) newest(ctx context.Context, p push) (string, *stored, error) {
	versions, err := m.versions(ctx, p.branch)
	if err != nil {
		return "", nil, err
	}
	var found *objectVersion
	for i, v := range versions {
		if !v.deleted && (found == nil || v.modified.After(found.modified)) {
			found = &versions[i]
		}
	}
	if found == nil {
		return "", nil, nil
	}
	return aws.ToString(found.Key), &stored{version: aws.ToString(found.VersionId)}, nil
}

// commitInfo returns the file commit_info.json: the reply of GetCommit with two
// more members.
func commitInfo(p push) []byte {
	type person struct {
		Name  string `json:"name"`
		Email string `json:"email"`
		Date  string `json:"date"`
	}
	of := func(s codecommit.Signature) person { return person{s.Name, s.Email, signatureDate(s)} }
	var info struct {
		Commit struct {
			CommitID       string   `json:"commitId"`
			TreeID         string   `json:"treeId"`
			Parents        []string `json:"parents"`
			Message        string   `json:"message"`
			Author         person   `json:"author"`
			Committer      person   `json:"committer"`
			AdditionalData string   `json:"additionalData"`
			BranchName     string   `json:"branchName"`
			RepositoryName string   `json:"RepositoryName"`
		} `json:"commit"`
	}
	c := &info.Commit
	c.CommitID, c.TreeID, c.Parents, c.Message = p.commit.ID, p.commit.TreeID, append([]string{}, p.commit.Parents...), p.commit.Message
	c.Author, c.Committer = of(p.commit.Author), of(p.commit.Committer)
	c.BranchName, c.RepositoryName = p.name, p.repository.Name()
	b, err := json.MarshalIndent(info, "", "  ")
	if err != nil {
		return nil // cannot be: all of it is text
	}
	return append(b, '\n')
}

// signatureDate returns the date as GetCommit writes it, such as
// "1484167798 -0800".
func signatureDate(s codecommit.Signature) string {
	return fmt.Sprintf("%d %s", s.Time.Unix(), s.Time.Format("-0700"))
}
