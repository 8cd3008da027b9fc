package action

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

const (
	// credentialsAge is how old credentials get whose expiration is not known.
	// Those of CodePipeline last for 15 minutes at least.
	credentialsAge = 14 * time.Minute

	// credentialsWindow is how long before their expiration credentials are
	// refreshed.
	credentialsWindow = time.Minute
)

// provider gives the current credentials of a job.
type provider struct {
	refresh func(context.Context) (*Details, error) // nil if there is no way
	now     func() time.Time
	logger  *slog.Logger
	lock    chan struct{} // holds one element while the fields of renewal, but for secrets, are in use

	// Secrets are behind a function. In a field that is not exported, fmt calls
	// no methods, and follows pointers with most verbs.
	state func() *renewal
}

// renewal are the credentials of a provider and where they come from.
type renewal struct {
	current    Credentials
	obtained   time.Time
	generation int      // counts what was current before
	expired    bool     // whatever the clock says
	learnt     *Details // of the last refresh

	mu      sync.Mutex
	secrets []string // of all credentials there were
}

var _ aws.CredentialsProvider = (*provider)(nil)

func newProvider(c Credentials, o *JobOptions) *provider {
	p := &provider{refresh: o.Refresh, now: o.Now, logger: o.Logger, lock: make(chan struct{}, 1)}
	var r renewal
	p.state = func() *renewal { return &r }
	p.set(c)
	return p
}

// String does not show the credentials.
func (p *provider) String() string { return Credentials{}.String() }

// GoString does not show the credentials.
func (p *provider) GoString() string { return p.String() }

// Format does not show the credentials, whatever the verb.
func (p *provider) Format(f fmt.State, _ rune) { io.WriteString(f, p.String()) }

// MarshalJSON does not show the credentials.
func (p *provider) MarshalJSON() ([]byte, error) { return json.Marshal(p.String()) }

// LogValue does not show the credentials.
func (p *provider) LogValue() slog.Value { return slog.StringValue(p.String()) }

func (p *provider) set(c Credentials) {
	p.state().current, p.state().obtained, p.state().expired = c, p.now(), false
	p.state().mu.Lock()
	defer p.state().mu.Unlock()
	p.state().secrets = append(p.state().secrets, c.AccessKeyID, c.SecretAccessKey, c.SessionToken)
}

func (p *provider) acquire(ctx context.Context) error {
	select {
	case p.lock <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *provider) release() { <-p.lock }

// Retrieve returns the credentials, after asking CodePipeline for others if
// they are about to expire.
func (p *provider) Retrieve(ctx context.Context) (aws.Credentials, error) {
	if err := p.acquire(ctx); err != nil {
		return aws.Credentials{}, err
	}
	defer p.release()
	if err := p.renew(ctx); err != nil {
		return aws.Credentials{}, err
	}
	return aws.Credentials{
		AccessKeyID:     p.state().current.AccessKeyID,
		SecretAccessKey: p.state().current.SecretAccessKey,
		SessionToken:    p.state().current.SessionToken,
		Source:          "CodePipeline job",
		CanExpire:       true,
		Expires:         p.due(),
	}, nil
}

// due returns when the credentials have to be refreshed.
func (p *provider) due() time.Time {
	if p.state().current.Expires.IsZero() {
		return p.state().obtained.Add(credentialsAge)
	}
	return p.state().current.Expires.Add(-credentialsWindow)
}

// renew refreshes the credentials if they are due. If that fails, it keeps
// credentials that may still be good.
func (p *provider) renew(ctx context.Context) error {
	missing := p.state().current.AccessKeyID == ""
	now := p.now()
	if !missing && !p.state().expired && now.Before(p.due()) {
		return nil
	}
	dead := missing || p.state().expired || !p.state().current.Expires.IsZero() && !now.Before(p.state().current.Expires)
	if p.refresh == nil {
		switch {
		case missing:
			return errors.New("action: the job has no credentials, and no way to ask for them")
		case dead:
			return errors.New("action: the job's credentials have expired, and there is no way to ask for new ones")
		}
		return nil
	}
	err := p.ask(ctx)
	if err == nil || dead {
		return err
	}
	p.logger.WarnContext(ctx, "action: credentials could not be refreshed, using them as long as they last", "error", err)
	return nil
}

var errRefresh = errors.New("action: refresh the job's credentials")

// ask asks CodePipeline for the job and its new credentials.
func (p *provider) ask(ctx context.Context) error {
	details, err := p.refresh(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", errRefresh, err)
	case details == nil || details.Credentials.AccessKeyID == "":
		return fmt.Errorf("%w: CodePipeline returned none, as for a job that has ended", errRefresh)
	}
	p.set(details.Credentials)
	p.state().generation++
	learnt := details.clone()
	p.state().learnt = &learnt
	p.logger.DebugContext(ctx, "action: credentials refreshed")
	return nil
}

// at returns the generation of the current credentials.
func (p *provider) at(ctx context.Context) (int, error) {
	if err := p.acquire(ctx); err != nil {
		return 0, err
	}
	defer p.release()
	return p.state().generation, nil
}

// expire marks credentials of that generation as expired, and reports whether
// there may be others.
func (p *provider) expire(ctx context.Context, generation int) bool {
	if p.refresh == nil || p.acquire(ctx) != nil {
		return false
	}
	defer p.release()
	if p.state().generation == generation {
		p.state().expired = true
	}
	return true
}

// details returns the details of the last refresh, after one if there was none.
func (p *provider) details(ctx context.Context) (*Details, error) {
	if err := p.acquire(ctx); err != nil {
		return nil, err
	}
	defer p.release()
	if p.state().learnt == nil {
		if err := p.ask(ctx); err != nil {
			return nil, err
		}
	}
	return p.state().learnt, nil
}

// seen returns the credentials there were. It does not wait for a refresh.
func (p *provider) seen() []string {
	p.state().mu.Lock()
	defer p.state().mu.Unlock()
	return slices.Clone(p.state().secrets)
}
