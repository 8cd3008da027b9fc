package pipelinetest

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/codesuite-go/codesuite/internal/s3test"
)

// artifactStore is the S3 of a server. It keeps objects in a temporary folder that
// is made with the first one.
type artifactStore struct {
	s3 *s3test.Server

	mu       sync.Mutex
	dir      string
	closed   bool
	promised map[string]func() ([]byte, error) // by bucket, slash and key
}

func newArtifactStore(s *Server) *artifactStore {
	a := &artifactStore{promised: make(map[string]func() ([]byte, error))}
	a.s3 = s3test.New(a.mkdir)
	a.s3.Allow = s.refusal
	a.s3.Missing = a.keep
	return a
}

func (a *artifactStore) mkdir() (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return "", errors.New("the server is closed")
	}
	if a.dir == "" {
		var err error
		if a.dir, err = os.MkdirTemp("", "pipelinetest-"); err != nil {
			return "", err
		}
	}
	return a.dir, nil
}

// promise lets the artifact be written when somebody gets it, unless it is there
// by then.
func (a *artifactStore) promise(artifact Artifact, write func() ([]byte, error)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.promised[artifact.Bucket+"/"+artifact.Key] = write
}

// keep keeps a promise, and reports whether there was one.
func (a *artifactStore) keep(bucket, key string) bool {
	a.mu.Lock()
	write := a.promised[bucket+"/"+key]
	a.mu.Unlock()
	if write == nil {
		return false
	}
	content, err := write()
	return err == nil && a.s3.Store(bucket, key, content) == nil
}

func (a *artifactStore) close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	if a.dir != "" {
		_ = os.RemoveAll(a.dir)
	}
}

// PutObject stores an object in the server's S3, such as an input artifact of a
// job: [Job].Inputs and [ActionRun].Outputs have the buckets and keys of
// artifacts. Buckets need not be made. PutObject fails without a bucket or a key, and
// after [Server.Close].
//
// The SDK's S3 client, configured by [Server.Config], reads and writes objects
// whole, in ranges and in parts. The credentials of a job give access to the job's
// artifacts only, and expire.
func (s *Server) PutObject(bucket, key string, content []byte) error {
	if bucket == "" || key == "" {
		return fmt.Errorf("pipelinetest: put object: bucket %q and key %q must not be empty", bucket, key)
	}
	if err := s.store.s3.Store(bucket, key, content); err != nil {
		return fmt.Errorf("pipelinetest: put object s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// Object returns an object in the server's S3, such as an output artifact that a
// job has put, or false if there is none. The content is the caller's to change.
func (s *Server) Object(bucket, key string) (content []byte, ok bool) {
	o := s.store.s3.Get(bucket, key)
	if o == nil {
		return nil, false
	}
	return o.Body, true
}
