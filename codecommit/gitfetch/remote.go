package gitfetch

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/backoff"
	"github.com/codesuite-go/codesuite/internal/redact"
	"github.com/codesuite-go/codesuite/internal/sdkhttp"
)

// maxSilence is how long a server may send nothing before the connection counts as
// broken. Git's servers send a sign of life every few seconds.
const maxSilence = 2 * time.Minute

// maxService bounds how a server describes itself, in bytes: in version 0 that has
// all references.
const maxService = 64 << 20

// maxRefusal is how much is read of a reply that refuses a request, in bytes.
const maxRefusal = 64 << 10

// Waits before a fetch is made again.
const (
	backoffMin = 100 * time.Millisecond
	backoffMax = 20 * time.Second
)

// unreached is how often a server is tried that has never answered.
const unreached = 3

// remote fetches from one repository. It is not safe for concurrent use.
type remote struct {
	target   *target
	client   aws.HTTPClient
	options  *Options
	silence  time.Duration
	service  *service // nil before the server has described itself
	whole    bool     // the server does not give blobs alone
	reached  bool     // the server has answered
	requests int
}

func newRemote(t *target, cfg aws.Config, o *Options) *remote {
	return &remote{target: t, client: withoutRedirects(cfg.HTTPClient), options: o, silence: maxSilence}
}

// withoutRedirects returns the client, nil for that of the SDK, in a form that
// follows no redirects: the credentials are for one host. It leaves clients alone
// that are neither the SDK's nor of net/http.
func withoutRedirects(client aws.HTTPClient) aws.HTTPClient {
	if client == nil {
		client = awshttp.NewBuildableClient()
	}
	if b, ok := client.(*awshttp.BuildableClient); ok {
		client = b.Freeze()
	}
	c, ok := client.(*http.Client)
	if !ok {
		return client
	}
	own := *c
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// fetch returns a pack that has the blobs of the commit. It reports whether it has
// them alone. It tries again as long as that can help.
func (r *remote) fetch(ctx context.Context, commit objectID, blobs []objectID) (p *pack, alone bool, err error) {
	var failed time.Time // first
	wait := backoffMin
	for attempts := 1; ; attempts++ {
		p, alone, err = r.attempt(ctx, commit, blobs)
		if err == nil {
			return p, alone, nil
		}
		if ctx.Err() != nil {
			if !errors.Is(err, ctx.Err()) {
				err = fmt.Errorf("%w (%w)", err, ctx.Err())
			}
			return nil, false, err
		}
		if !temporary(err) || !r.reached && attempts >= unreached {
			return nil, false, err
		}
		if failed.IsZero() {
			failed = time.Now()
		}
		pause := backoff.Full(wait)
		wait = min(2*wait, backoffMax)
		if limit := r.options.MaxElapsed; limit >= 0 && time.Since(failed)+pause > limit {
			return nil, false, fmt.Errorf("%w (given up after %d attempts, Options.MaxElapsed is %v)", err, attempts, limit)
		}
		r.options.Logger.WarnContext(ctx, "gitfetch: fetch failed, trying again", "url", r.target.url.String(), "error", err)
		if err := backoff.Sleep(ctx, pause); err != nil {
			return nil, false, err
		}
	}
}

// temporary reports whether a fetch that failed so may succeed later.
func temporary(err error) bool {
	var status *statusError
	if errors.As(err, &status) {
		return status.status == http.StatusTooManyRequests ||
			status.status >= http.StatusInternalServerError && status.status != http.StatusNotImplemented
	}
	var broken *brokenError
	return errors.As(err, &broken)
}

// refused reports whether a server does not give what was asked for, but may give
// something else.
func refused(err error) bool {
	var said *refusedError
	if errors.As(err, &said) {
		return true
	}
	var status *statusError
	if !errors.As(err, &status) || temporary(err) {
		return false
	}
	switch status.status {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
		return false
	}
	return true
}

// attempt fetches once: the blobs alone if the server gives them, else the commit.
func (r *remote) attempt(ctx context.Context, commit objectID, blobs []objectID) (p *pack, alone bool, err error) {
	if r.service == nil {
		if err := r.discover(ctx); err != nil {
			return nil, false, err
		}
	}
	if !r.whole && r.service.maySendBlobs() {
		p, err := r.get(ctx, blobs, false)
		if err == nil || !refused(err) {
			return p, true, err
		}
		r.options.Logger.WarnContext(ctx, "gitfetch: the server does not give single files, fetching the whole commit",
			"url", r.target.url.String(), "error", err)
	}
	r.whole = true
	shallow := r.service.has("shallow")
	if !shallow {
		r.options.Logger.WarnContext(ctx, "gitfetch: the server gives no single commits, fetching the whole history",
			"url", r.target.url.String())
	}
	p, err = r.get(ctx, []objectID{commit}, shallow)
	if s := r.service; s.version == 0 && !s.tips[commit] && refused(err) {
		err = fmt.Errorf("%w (no branch or tag leads to the commit directly, and the server may give no others: name a branch or a tag)", err)
	}
	return p, false, err
}

// discover asks the server to describe itself.
func (r *remote) discover(ctx context.Context) error {
	return r.do(ctx, http.MethodGet, "/info/refs?service=git-upload-pack", "", func(body io.Reader) (err error) {
		r.service, err = readService(sdkhttp.LimitReply(body, maxService))
		return err
	})
}

// get fetches a pack with the objects, and, of a commit, with all that it needs.
func (r *remote) get(ctx context.Context, wanted []objectID, shallow bool) (p *pack, err error) {
	err = r.do(ctx, http.MethodPost, "/git-upload-pack", r.service.body(wanted, shallow), func(body io.Reader) error {
		band, err := r.service.pack(body)
		if err != nil {
			return err
		}
		p, err = readPack(ctx, band, r.options.TempDir, r.options.MaxSize)
		return err
	})
	return p, err
}

// do sends a request, signed anew, and hands the body of the reply to read.
func (r *remote) do(ctx context.Context, method, path, body string, read func(io.Reader) error) error {
	user, password, err := r.target.credentials(ctx, r.options.Now())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(r.silence, func() { cancel(errSilence) })
	defer watch.Stop()
	req, err := http.NewRequestWithContext(ctx, method, r.target.url.String()+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	basic := base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
	id, token, _ := strings.Cut(user, "%")
	secrets := redact.New(basic, user, password, id, token)
	req.Header.Set("Authorization", "Basic "+basic)
	req.Header.Set("Git-Protocol", "version=2")
	req.Header.Set("User-Agent", "git/codesuite")
	req.Header.Set("Accept-Encoding", "identity")
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-git-upload-pack-request")
		req.Header.Set("Accept", "application/x-git-upload-pack-result")
	}
	r.requests++
	resp, err := r.client.Do(req)
	watch.Stop()
	if err != nil {
		return hidden(silent(ctx, err), secrets)
	}
	defer resp.Body.Close()
	r.reached = true
	reply := &watchedBody{ctx: ctx, body: resp.Body, watch: watch, silence: r.silence}
	encoding := resp.Header.Get("Content-Encoding")
	encoded := encoding != "" && encoding != "identity"
	switch {
	case resp.StatusCode != http.StatusOK && encoded:
		return &statusError{status: resp.StatusCode}
	case resp.StatusCode != http.StatusOK:
		text, _ := io.ReadAll(io.LimitReader(reply, maxRefusal))
		return &statusError{status: resp.StatusCode, text: awstext.Cut(secrets.Text(printable(string(text))), maxMessage)}
	case encoded:
		return fmt.Errorf("the reply has the Content-Encoding %.20q, which was not asked for", encoding)
	}
	return hidden(read(reply), secrets)
}

var errSilence = fmt.Errorf("the server sent nothing for too long")

// silent returns the error of a request, or of reading its reply, as a connection
// that broke, if it is one.
func silent(ctx context.Context, err error) error {
	if context.Cause(ctx) == errSilence {
		return &brokenError{errSilence}
	}
	if err != io.EOF && (errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || apierror.Connection(err)) {
		return &brokenError{err}
	}
	return err
}

// watchedBody is the body of a reply that counts as broken if nothing comes for
// too long.
type watchedBody struct {
	ctx     context.Context
	body    io.Reader
	watch   *time.Timer
	silence time.Duration
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.watch.Reset(b.silence)
	defer b.watch.Stop()
	n, err := b.body.Read(p)
	if err != nil {
		err = silent(b.ctx, err)
	}
	return n, err
}
