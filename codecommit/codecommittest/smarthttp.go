package codecommittest

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// gitPull is the name of a fetch in counts and in [Faults.Deny], as it is that of
// the IAM action.
const gitPull = "GitPull"

// GitProtocol is what the server offers, and the faults that fetches meet, in Git's
// protocol. The zero value offers all that git does, and has no faults. The
// service does not document what it offers.
type GitProtocol struct {
	Version0    bool   // speak version 0 of the protocol alone
	TipsOnly    bool   // refuse objects other than those that references lead to
	CommitsOnly bool   // refuse objects other than the commits of branches and tags and their ancestors, as git in version 0
	NoShallow   bool   // offer no shallow fetches
	NoFilter    bool   // offer no filters
	Format      string // of object IDs that the server claims, such as "sha256"
	NoFormat    bool   // claim no format of object IDs, and fail where a client names one, as git before 2.28

	// Status returns the HTTP status with which fetch number n, from 1 on, fails.
	// 0 is none.
	Status func(n int) int
	// Cut returns after how many bytes of the reply to fetch number n, from 1 on,
	// the connection is closed. 0 does not close it.
	Cut func(n int) int64
}

// SetGitProtocol replaces what the server offers in Git's protocol, and the number of
// the next fetch is 1.
func (s *Server) SetGitProtocol(p GitProtocol) {
	s.git.protocol.Store(&p)
	s.git.fetches.Store(0)
}

// gitService serves the repositories by Git's smart HTTP protocol, through the git
// program.
type gitService struct {
	server   *Server
	protocol atomic.Pointer[GitProtocol]
	fetches  atomic.Int64 // since SetGitProtocol
	count    atomic.Int64 // since ResetCalls

	mu      sync.Mutex
	mirrors map[*repository]*mirror
}

func newGitService(s *Server) *gitService {
	g := &gitService{server: s, mirrors: make(map[*repository]*mirror)}
	g.protocol.Store(new(GitProtocol))
	return g
}

func (g *gitService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, action, ok := splitRepositoryPath(r.URL.Path)
	if !ok {
		http.NotFound(w, r)
		return
	}
	user, password, ok := r.BasicAuth()
	if !ok {
		w.Header().Set("WWW-Authenticate", `Basic realm="CodeCommit"`)
		http.Error(w, "credentials are required", http.StatusUnauthorized)
		return
	}
	faults := g.server.faults.Load()
	if err := checkSignature(user, password, r, name, time.Now()); err != nil {
		http.Error(w, err.Error(), http.StatusForbidden)
		return
	}
	if slices.Contains(faults.Deny, gitPull) {
		http.Error(w, "not authorized to perform codecommit:GitPull", http.StatusForbidden)
		return
	}
	i, found := g.server.search(name)
	if !found {
		http.Error(w, "the repository does not exist", http.StatusNotFound)
		return
	}
	if err := wait(r.Context(), faults.Latency); err != nil {
		panic(http.ErrAbortHandler)
	}
	git, err := g.open(r.Context(), g.server.repositories[i])
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	service := &uploadPack{git: git, protocol: *g.protocol.Load(), version: r.Header.Get("Git-Protocol")}
	switch {
	case r.Method == http.MethodGet && action == "info/refs" && r.URL.Query().Get("service") == "git-upload-pack":
		service.describe(w, r)
	case r.Method == http.MethodPost && action == "git-upload-pack":
		g.fetch(w, r, service)
	default:
		http.Error(w, "the test server only fetches, by Git's smart protocol", http.StatusForbidden)
	}
}

// splitRepositoryPath cuts "/v1/repos/NAME/ACTION".
func splitRepositoryPath(path string) (name, action string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/v1/repos/")
	if !ok {
		return "", "", false
	}
	name, action, ok = strings.Cut(rest, "/")
	return name, action, ok && validRepositoryName(name)
}

// maxGitRequest is the size of the largest request in Git's protocol, in bytes.
const maxGitRequest = 16 << 20

func (g *gitService) fetch(w http.ResponseWriter, r *http.Request, service *uploadPack) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		unzipped, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = unzipped
	}
	request, err := io.ReadAll(io.LimitReader(body, maxGitRequest+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client has gone
	}
	if len(request) > maxGitRequest {
		http.Error(w, "the request is too large", http.StatusRequestEntityTooLarge)
		return
	}
	if !wantsPack(request) {
		service.reply(w, r, request, 0)
		return
	}
	g.count.Add(1)
	n := int(g.fetches.Add(1))
	if f := service.protocol.Status; f != nil {
		if status := f(n); status != 0 {
			http.Error(w, "a fault of the test", status)
			return
		}
	}
	var cut int64
	if f := service.protocol.Cut; f != nil {
		cut = f(n)
	}
	service.reply(w, r, request, cut)
}

// open returns the repository as one of git.
func (g *gitService) open(ctx context.Context, r *repository) (*git, error) {
	switch s := r.store.(type) {
	case *git:
		return s, nil
	case *memory:
		g.mu.Lock()
		defer g.mu.Unlock()
		m, ok := g.mirrors[r]
		if !ok {
			var err error
			if m, err = newMirror(ctx); err != nil {
				return nil, err
			}
			g.mirrors[r] = m
		}
		return m.git, m.update(ctx, s)
	}
	return nil, errors.New("the repository cannot be fetched")
}

// close removes the mirrors. No request runs any more.
func (g *gitService) close() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range g.mirrors {
		m.close()
	}
	clear(g.mirrors)
}
