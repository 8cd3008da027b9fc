package codecommittest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

type getBlobInput struct {
	RepositoryName *string `json:"repositoryName"`
	BlobID         *string `json:"blobId"`
}

func (s *Server) getBlob(ctx context.Context, in *getBlobInput) (*content, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if in.BlobID == nil || *in.BlobID == "" {
		return nil, awsjson.Errorf("BlobIdRequiredException", "a blob ID is required")
	}
	id := *in.BlobID
	if !gitobj.IsID(id) {
		return nil, awsjson.Errorf("InvalidBlobIdException", "%q is not a blob ID", id)
	}
	if err := s.waitForBlob(ctx, id); err != nil {
		return nil, err
	}
	b, err := s.open(ctx, r, id, "blob "+id)
	if errors.Is(err, errMissing) {
		return nil, awsjson.Errorf("BlobIdDoesNotExistException", "there is no blob %s", id)
	} else if err != nil {
		return nil, err
	}
	b.before, b.after = `{"content":"`, `"}`
	return b, nil
}

type getFileInput struct {
	RepositoryName  *string `json:"repositoryName"`
	CommitSpecifier *string `json:"commitSpecifier"`
	FilePath        *string `json:"filePath"`
}

type getFileOutput struct {
	CommitID string `json:"commitId"`
	BlobID   string `json:"blobId"`
	FilePath string `json:"filePath"`
	FileMode string `json:"fileMode"`
	FileSize int64  `json:"fileSize"`
}

func (s *Server) getFile(ctx context.Context, in *getFileInput) (*content, error) {
	if in.FilePath != nil && *in.FilePath == "" {
		in.FilePath = nil
	}
	f, ok, err := s.find(ctx, in.RepositoryName, in.FilePath, in.CommitSpecifier)
	if err != nil {
		return nil, err
	}
	r, rev, path, e := f.repository, f.revision, f.path, f.entry
	if mode := e.Mode.Canonical(); !ok || mode == gitobj.ModeTree || mode == gitobj.ModeSubmodule {
		return nil, awsjson.Errorf("FileDoesNotExistException", "there is no file %q in commit %s", path, rev.id)
	}
	b, err := s.open(ctx, r, e.ID, "file "+path)
	if errors.Is(err, errMissing) {
		return nil, fmt.Errorf("the repository is incomplete: it lacks the blob %s", e.ID)
	} else if err != nil {
		return nil, err
	}
	var head strings.Builder
	encoder := json.NewEncoder(&head)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(getFileOutput{rev.id, e.ID, path, fileMode(e.Mode), b.size}); err != nil {
		b.Close()
		return nil, err
	}
	b.before = strings.TrimSuffix(head.String(), "}\n") + `,"fileContent":"`
	b.after = `"}`
	return b, nil
}

// open opens the blob of a call, which name describes in errors.
func (s *Server) open(ctx context.Context, r *repository, id, name string) (*content, error) {
	b, err := r.blob(ctx, id)
	if errors.Is(err, errTooLarge) {
		return nil, awsjson.Errorf("FileTooLargeException", "%s has more than %d bytes", name, maxFile)
	} else if err != nil {
		return nil, err
	}
	c := &content{blob: b}
	if f := s.faults.Load().CorruptBlobs; f != nil && f(id) {
		c.corrupt = true
		if b.size == 0 {
			b.Reader, b.size = strings.NewReader("\x00"), 1
		}
	}
	return c, nil
}

// waitForBlob waits as long as the faults ask for.
func (s *Server) waitForBlob(ctx context.Context, id string) error {
	f := s.faults.Load().SlowBlobs
	if f == nil {
		return nil
	}
	return wait(ctx, f(id))
}

// wait waits for d, or for the end of the call.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
