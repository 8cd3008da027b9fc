package pipelinetest

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Push is a push to a repository.
type Push struct {
	// Connection is the ARN of the connection to the repository; "" stands for all,
	// and for the repositories of CodeCommit and of GitHub version 1.
	Connection string
	Repository string   // such as "octo/app", or the name of a CodeCommit repository
	Branch     string   // "" if a tag was pushed
	Tag        string   // "" if a branch was pushed
	Changed    []string // paths of the files that the push changes
	Commit     Commit
}

// PullEvent is an event of a pull request, which only triggers of connections
// look at.
type PullEvent struct {
	Connection string   // its ARN; "" stands for all
	Repository string   // such as "octo/app"
	Event      string   // OPEN, UPDATED or, of one that was merged, CLOSED
	Branch     string   // from which the pull request comes
	Target     string   // branch into which the pull request goes
	Changed    []string // paths of the files that the pull request changes
	Commit     Commit   // the newest of Branch
}

// Commit is a commit of a repository. The server makes up an ID and a message that are
// missing, and leaves other missing parts out of events.
type Commit struct {
	ID, Message                       string
	AuthorID, AuthorName, AuthorEmail string
	Date                              time.Time
	Files                             fs.FS // all of the repository; see [Revision]
}

// Upload is a new version of an object that S3 sources look at.
type Upload struct {
	Bucket, Key string
	Version     string // ID of the version, made up by default
	Files       fs.FS  // in the archive; see [Revision]
}

// ImagePush is a new image that ECR sources look at.
type ImagePush struct {
	Repository string
	Tag        string // default latest
	Digest     string // such as "sha256:...", made up by default
}

// Started is an execution that a change of a source has started: the name of its
// pipeline, and its ID.
type Started struct{ Pipeline, ExecutionID string }

// Push starts the pipelines that a push to a repository starts: those whose trigger
// selects it, and those without a trigger that a source action watches the branch
// of. These start as follows:
//
//   - A connection starts them unless DetectChanges is false.
//   - CodeCommit and GitHub version 1 start them by polling, unless
//     PollForSourceChanges is false. Then CodeCommit has the rule of EventBridge that
//     starts them, and GitHub the webhook that RegisterWebhookWithThirdParty has
//     registered.
//
// The execution finds the pushed commit. Later executions find it, too, if it is of
// the branch of the source action.
//
// The result has the executions in the order of their pipelines' names. Push fails if
// the repository, or both the branch and the tag are missing, or both are there. If
// some pipelines cannot start, such as those with a variable without a default, the
// error names each, and the others start.
func (s *Server) Push(p Push) ([]Started, error) {
	if p.Repository == "" || (p.Branch == "") == (p.Tag == "") {
		return nil, errors.New("pipelinetest: push: name the repository, and either the branch or the tag")
	}
	p.Commit = s.complete(p.Commit)
	revision := p.Commit.revision(cmp.Or(p.Branch, p.Tag))
	return s.change("push to "+p.Repository, func(definition *Pipeline, a *Action) (sourceChange, bool) {
		c, branch := a.Configuration, ""
		change := sourceChange{revision: revision}
		switch a.Type.Provider {
		case "CodeStarSourceConnection":
			if c["FullRepositoryId"] != p.Repository || p.Connection != "" && c["ConnectionArn"] != p.Connection {
				return change, false
			}
			branch = c["BranchName"]
			if t := definition.trigger(a.Name); t != nil {
				change.starts = t.selectsPush(&p, branch)
			} else {
				change.starts = p.Branch == branch && c["DetectChanges"] != "false"
			}
			change.trigger = s.commitTrigger(c["ConnectionArn"], p.Repository, p.Commit)
			change.trigger.Branch, change.trigger.Tag = p.Branch, p.Tag
		case "CodeCommit":
			branch = c["BranchName"]
			if c["RepositoryName"] != p.Repository || p.Connection != "" || p.Branch != branch {
				return change, false
			}
			change.starts, change.trigger = true, a.polled()
		case "GitHub":
			branch = c["Branch"]
			if c["Owner"]+"/"+c["Repo"] != p.Repository || p.Connection != "" || p.Branch != branch {
				return change, false
			}
			if change.trigger = a.polled(); change.trigger.Type == "PollForSourceChanges" {
				change.starts = true
			} else {
				change.trigger, change.starts = s.githubWebhook(definition, a, &p)
			}
		default:
			return change, false
		}
		change.stays = p.Branch == branch
		return change, true
	})
}

// PullRequest starts the pipelines whose trigger selects an event of a pull
// request. The execution finds the newest commit of the branch from which the pull
// request comes. PullRequest fails without a repository, a branch, its target or a known
// event, and otherwise as [Server.Push] does.
func (s *Server) PullRequest(p PullEvent) ([]Started, error) {
	switch {
	case p.Repository == "" || p.Branch == "" || p.Target == "":
		return nil, errors.New("pipelinetest: pull request: name the repository, the branch and its target")
	case !slices.Contains(pullRequestEvents, p.Event):
		return nil, fmt.Errorf("pipelinetest: pull request: the event %q is not one of %q", p.Event, pullRequestEvents)
	}
	p.Commit = s.complete(p.Commit)
	return s.change("pull request of "+p.Repository, func(definition *Pipeline, a *Action) (sourceChange, bool) {
		c, t := a.Configuration, definition.trigger(a.Name)
		if t == nil || c["FullRepositoryId"] != p.Repository || p.Connection != "" && c["ConnectionArn"] != p.Connection {
			return sourceChange{}, false
		}
		trigger := s.commitTrigger(c["ConnectionArn"], p.Repository, p.Commit)
		trigger.Branch = p.Branch
		return sourceChange{revision: p.Commit.revision(p.Branch), trigger: trigger, starts: t.selectsPullRequest(&p)}, true
	})
}

// Upload starts the pipelines with an S3 source of the object: by polling, or by the
// rule of EventBridge if PollForSourceChanges is false. It does not put the object
// into the server's S3; see [Server.PutObject]. Upload fails without a bucket or a key,
// and otherwise as [Server.Push] does.
func (s *Server) Upload(u Upload) ([]Started, error) {
	if u.Bucket == "" || u.Key == "" {
		return nil, errors.New("pipelinetest: upload: name the bucket and the key")
	}
	return s.change("upload of "+u.Key, func(_ *Pipeline, a *Action) (sourceChange, bool) {
		if a.Type.Provider != "S3" || a.Configuration["S3Bucket"] != u.Bucket || a.Configuration["S3ObjectKey"] != u.Key {
			return sourceChange{}, false
		}
		return sourceChange{revision: Revision{ID: u.Version, Files: u.Files}, trigger: a.polled(), starts: true, stays: true}, true
	})
}

// PushImage starts the pipelines with an ECR source of the image, by the rule of
// EventBridge. PushImage fails without a repository, and otherwise as [Server.Push]
// does.
func (s *Server) PushImage(i ImagePush) ([]Started, error) {
	if i.Repository == "" {
		return nil, errors.New("pipelinetest: push of an image: name the repository")
	}
	tag := cmp.Or(i.Tag, "latest")
	return s.change("push of the image "+i.Repository, func(_ *Pipeline, a *Action) (sourceChange, bool) {
		if a.Type.Provider != "ECR" || a.Configuration["RepositoryName"] != i.Repository || cmp.Or(a.Configuration["ImageTag"], "latest") != tag {
			return sourceChange{}, false
		}
		return sourceChange{revision: Revision{ID: i.Digest}, trigger: Trigger{Type: "CloudWatchEvent"}, starts: true, stays: true}, true
	})
}

// sourceChange is what a change means for a source action.
type sourceChange struct {
	revision Revision
	trigger  Trigger
	starts   bool // it starts the pipeline
	stays    bool // later executions find it, too
}

// change starts the pipelines that a change starts, each once. See tells what the
// change means for a source action, or that it means nothing.
func (s *Server) change(what string, see func(*Pipeline, *Action) (sourceChange, bool)) (started []Started, err error) {
	defer s.deliver()
	s.mu.Lock()
	defer s.mu.Unlock()
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(s.pipelines)) {
		p := s.pipelines[name]
		overrides := make(map[string]Revision)
		var trigger *Trigger
		for i := range p.definition.Stages[0].Actions {
			a := &p.definition.Stages[0].Actions[i]
			change, ok := see(p.definition, a)
			if !ok {
				continue
			}
			if change.stays {
				p.revisions[a.Name] = change.revision
			}
			if change.starts {
				overrides[a.Name] = change.revision
				if trigger == nil {
					trigger = &change.trigger
				}
			}
		}
		if trigger == nil {
			continue
		}
		id, err := p.startBy(*trigger, overrides)
		if err != nil {
			problems = append(problems, fmt.Errorf("pipelinetest: %s: start of %s: %w", what, name, err))
			continue
		}
		started = append(started, Started{name, id})
	}
	return started, errors.Join(problems...)
}

// startBy starts an execution that finds the revisions, by source action.
func (p *pipelineRecord) startBy(trigger Trigger, overrides map[string]Revision) (id string, err error) {
	e := &execution{executionType: "STANDARD", overrides: overrides}
	if e.trigger, err = trigger.withDefaults(p.definition); err != nil {
		return "", err
	}
	if e.variables, err = p.definition.values(nil); err != nil {
		return "", err
	}
	if p.full() {
		return "", fmt.Errorf("%d executions are in progress", maxConcurrent)
	}
	p.add(e, 0, len(p.stages)-1)
	return e.id, nil
}

// polled returns how a change of the source starts an execution, other than by a
// connection: by polling, or by a rule.
func (a *Action) polled() Trigger {
	if a.Configuration["PollForSourceChanges"] == "false" {
		return Trigger{Type: "CloudWatchEvent"}
	}
	return Trigger{Type: "PollForSourceChanges", Detail: a.Name}
}

// commitTrigger returns the trigger of a commit that a connection tells.
func (s *Server) commitTrigger(connection, repository string, c Commit) Trigger {
	return Trigger{
		Type: "WebhookV2", Detail: connection, ConnectionARN: connection, ProviderType: s.providerType(connection), FullRepositoryName: repository,
		CommitID: c.ID, CommitMessage: c.Message, AuthorID: c.AuthorID, AuthorDisplayName: c.AuthorName, AuthorEmail: c.AuthorEmail, AuthorDate: c.Date,
	}
}

// complete makes up what is missing of a commit.
func (s *Server) complete(c Commit) Commit {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.ID == "" {
		s.commits++
		c.ID = awsjson.Hex(40, "push", strconv.Itoa(s.commits))
	}
	c.Message = cmp.Or(c.Message, "Commit "+c.ID[:min(7, len(c.ID))])
	return c
}

func (c *Commit) revision(branch string) Revision {
	return Revision{ID: c.ID, Message: c.Message, Created: c.Date, Files: c.Files, branch: branch}
}
