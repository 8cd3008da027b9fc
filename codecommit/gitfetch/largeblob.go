package gitfetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/codecommit"
)

// LargeBlob returns a function that fetches files over the API's limit, for the
// option LargeBlob of package archive. It fetches from the repository in the Region
// of cfg, with its credentials and its HTTP client.
//
// The function fetches a file together with [codecommit.BlobRef.Others], and keeps
// what it has fetched in a temporary file until the context ends that the first
// call of an archive has: calls with the same context, repository and commit share
// it. A context that cannot end shares nothing. Where the server gives no single
// files, one fetch brings the whole commit, and with it all files that are still
// asked for.
//
// The function is safe for concurrent use. Its error is an [*Error].
func LargeBlob(cfg aws.Config, optFns ...func(*Options)) func(context.Context, codecommit.BlobRef) (io.ReadCloser, error) {
	o, err := newOptions(optFns)
	cfg.HTTPClient = withoutRedirects(cfg.HTTPClient) // one pool of connections
	f := &fetcher{cfg: cfg, options: o, err: err, sessions: make(map[sessionKey]*session)}
	return f.largeBlob
}

// fetcher has the sessions that are open.
type fetcher struct {
	cfg     aws.Config
	options Options
	err     error // of the options

	mu       sync.Mutex
	sessions map[sessionKey]*session
}

// sessionKey names what one archive fetches.
type sessionKey struct {
	repository, commit string
	done               <-chan struct{} // of the context
}

// session is what is fetched of a commit.
type session struct {
	mu     sync.Mutex
	remote *remote
	commit objectID
	packs  []*pack
	closed bool
}

func (f *fetcher) largeBlob(ctx context.Context, ref codecommit.BlobRef) (io.ReadCloser, error) {
	failed := func(err error) error {
		e := &Error{Repository: ref.Repository, Commit: ref.Commit, Err: err}
		var status *statusError
		if errors.As(err, &status) {
			e.Status = status.status
		}
		return e
	}
	if f.err != nil {
		return nil, failed(f.err)
	}
	if err := ctx.Err(); err != nil {
		return nil, failed(err)
	}
	s, err := f.session(ctx, ref)
	if err != nil {
		return nil, failed(err)
	}
	body, err := s.open(ctx, f.options, ref)
	if err != nil {
		err = failed(err)
	}
	if ctx.Done() != nil {
		return body, err
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return &lastReader{body, s}, nil
}

// session returns the open session for the file, or a new one.
func (f *fetcher) session(ctx context.Context, ref codecommit.BlobRef) (*session, error) {
	key := sessionKey{ref.Repository, ref.Commit, ctx.Done()}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s, ok := f.sessions[key]; ok {
		return s, nil
	}
	commit, err := parseID(ref.Commit)
	if err != nil {
		return nil, err
	}
	t, err := newTarget(ctx, f.cfg, ref.Repository, f.options.Endpoint)
	if err != nil {
		return nil, err
	}
	s := &session{remote: newRemote(t, f.cfg, &f.options), commit: commit}
	if key.done == nil {
		return s, nil
	}
	f.sessions[key] = s
	context.AfterFunc(ctx, func() {
		f.mu.Lock()
		delete(f.sessions, key)
		f.mu.Unlock()
		s.close()
	})
	return s, nil
}

// open opens the file, and fetches it before if no pack has it.
func (s *session) open(ctx context.Context, o Options, ref codecommit.BlobRef) (io.ReadCloser, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := parseID(ref.ID)
	if err != nil {
		return nil, err
	}
	if s.pack(id) == nil {
		if err := s.fetch(ctx, o, id, ref); err != nil {
			return nil, err
		}
	}
	if s.closed { // the context has ended meanwhile
		return nil, context.Cause(ctx)
	}
	return s.pack(id).open(ctx, o.TempDir, id)
}

// fetch fetches the file and the others that are not there.
func (s *session) fetch(ctx context.Context, o Options, id objectID, ref codecommit.BlobRef) error {
	start, requests := time.Now(), s.remote.requests
	wanted := []objectID{id}
	for _, digits := range ref.Others {
		other, err := parseID(digits)
		if err != nil {
			return err
		}
		if s.pack(other) == nil {
			wanted = append(wanted, other)
		}
	}
	p, alone, err := s.remote.fetch(ctx, s.commit, wanted)
	if err != nil {
		return err
	}
	for _, id := range wanted {
		if !p.has(id) {
			p.Close()
			return fmt.Errorf("the server's pack lacks the blob %s, which was asked for", id)
		}
	}
	s.packs = append(s.packs, p)
	if s.closed {
		p.Close()
	}
	if o.OnFetch == nil {
		return nil
	}
	done := Fetch{
		Repository: ref.Repository, Commit: ref.Commit, Objects: len(p.entries), Bytes: p.size,
		Requests: s.remote.requests - requests, Elapsed: time.Since(start),
	}
	if alone {
		done.Blobs = len(wanted)
	}
	o.OnFetch(done)
	return nil
}

// pack returns the pack that has the blob, or nil.
func (s *session) pack(id objectID) *pack {
	for _, p := range s.packs {
		if p.has(id) {
			return p
		}
	}
	return nil
}

// close removes the packs.
func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, p := range s.packs {
		p.Close()
	}
}

// lastReader closes the session with the only file that it was for.
type lastReader struct {
	io.ReadCloser
	session *session
}

func (r *lastReader) Close() error {
	err := r.ReadCloser.Close()
	r.session.close()
	return err
}
