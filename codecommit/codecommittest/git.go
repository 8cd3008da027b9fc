package codecommittest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// How many git processes read blobs, and how many read everything else. The
// latter are apart so that a client that is slow to take in its blobs does not
// hold up the rest.
const (
	blobReaders   = 4
	objectReaders = 2
)

// bufferedBlob is the size of the largest blob that is read at once, so that
// the process is free before the client has the reply.
const bufferedBlob = 24 << 10

// git is a store that reads a repository through the git program.
type git struct {
	dir     string // the .git folder
	env     []string
	objects *pool
	blobs   *pool
}

func openGit(dir string) (*git, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, fmt.Errorf("the git program is needed to serve %s: %w", dir, err)
	}
	if dir == "" {
		dir = "."
	}
	g := &git{env: gitEnv(os.Environ())}
	// Only here git looks for the repository itself, so that it checks who
	// owns it.
	out, err := g.run(context.Background(), "-C", dir, "rev-parse", "--absolute-git-dir", "--show-object-format")
	if err != nil {
		return nil, err
	}
	out = strings.TrimSuffix(out, "\n")
	i := strings.LastIndexByte(out, '\n') // the folder's name may have any
	gitDir, format := out[:max(i, 0)], out[i+1:]
	if format != "sha1" && !strings.HasPrefix(format, "--") { // older versions of git repeat the option
		return nil, fmt.Errorf("%s has %s object IDs; CodeCommit has sha1 only", dir, format)
	}
	g.dir = gitDir
	g.objects = newPool(objectReaders, g.catFile)
	g.blobs = newPool(blobReaders, g.catFile)
	return g, nil
}

// gitEnv returns the environment for git. The caller's variables that lead git to
// some repository do not count, and git may not ask, fetch or lock.
func gitEnv(environ []string) []string {
	env := slices.DeleteFunc(slices.Clone(environ), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		switch name {
		case "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT",
			"GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_EXEC_PATH":
			return false
		}
		return strings.HasPrefix(name, "GIT_") &&
			!strings.HasPrefix(name, "GIT_CONFIG_KEY_") && !strings.HasPrefix(name, "GIT_CONFIG_VALUE_")
	})
	return append(env,
		"LC_ALL=C",
		"GIT_ALLOW_PROTOCOL=none", // a partial clone must not fetch the objects that it lacks
		"GIT_NO_LAZY_FETCH=1",
		"GIT_NO_REPLACE_OBJECTS=1", // content that fits its ID
		"GIT_OPTIONAL_LOCKS=0",
		"GIT_TERMINAL_PROMPT=0",
	)
}

// command returns the git command in the repository.
func (g *git) command(args ...string) *exec.Cmd {
	cmd := exec.Command("git", append([]string{"--git-dir", g.dir}, args...)...)
	cmd.Env = g.env
	return cmd
}

// run returns git's output, or its complaint as an error.
func (g *git) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = g.env
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return out.String(), gitError(err, complaint.String())
	}
	return out.String(), nil
}

func gitError(err error, complaint string) error {
	if complaint = strings.TrimSpace(complaint); complaint != "" {
		return fmt.Errorf("git: %s: %w", complaint, err)
	}
	return fmt.Errorf("git: %w", err)
}

// catFile starts a process that reads objects.
func (g *git) catFile() (*catFile, error) { return startCatFile(g.command("cat-file", "--batch")) }

func (g *git) resolve(ctx context.Context, ref string) (string, []byte, error) {
	return g.read(ctx, "commit", ref+"^{commit}")
}

func (g *git) object(ctx context.Context, kind, id string) ([]byte, error) {
	_, data, err := g.read(ctx, kind, id)
	return data, err
}

// read returns the ID and content of the object, or errMissing if there is
// none of the kind.
func (g *git) read(ctx context.Context, kind, name string) (id string, data []byte, err error) {
	err = g.objects.use(ctx, name, func(o header, r io.Reader) error {
		if o.kind != kind {
			return errMissing
		}
		id, data = o.id, make([]byte, o.size)
		_, err := io.ReadFull(r, data)
		return err
	})
	return id, data, err
}

func (g *git) blob(ctx context.Context, id string) (*blob, error) {
	b, o, err := g.blobs.open(ctx, id)
	if err != nil {
		return nil, err
	}
	switch {
	case o.kind != "blob":
		g.blobs.release(b)
		return nil, errMissing
	case o.size > maxFile:
		g.blobs.release(b)
		return nil, errTooLarge
	case o.size > bufferedBlob:
		return &blob{Reader: &b.content, size: o.size, close: func() { g.blobs.release(b) }}, nil
	}
	buf := chunks.Get().(*chunk)
	_, err = io.ReadFull(&b.content, buf.raw[:o.size])
	g.blobs.release(b)
	if err != nil {
		chunks.Put(buf)
		return nil, b.failure(err)
	}
	return &blob{Reader: bytes.NewReader(buf.raw[:o.size]), size: o.size, close: func() { chunks.Put(buf) }}, nil
}

func (g *git) head(ctx context.Context) (string, error) {
	out, err := g.run(ctx, "--git-dir", g.dir, "symbolic-ref", "-q", "HEAD")
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() == 1 {
		return "", nil // detached
	} else if err != nil {
		return "", err
	}
	ref := strings.TrimSuffix(out, "\n")
	name, ok := strings.CutPrefix(ref, "refs/heads/")
	if !ok {
		return "", nil // no branch
	}
	if _, _, err := g.resolve(ctx, ref); errors.Is(err, errMissing) {
		return "", nil // no commit yet
	} else if err != nil {
		return "", err
	}
	return name, nil
}

func (g *git) branches(ctx context.Context) ([]string, error) {
	out, err := g.run(ctx, "--git-dir", g.dir, "for-each-ref", "--format=%(refname)", "refs/heads/")
	if err != nil {
		return nil, err
	}
	var names []string
	for line := range strings.Lines(out) {
		names = append(names, strings.TrimPrefix(strings.TrimSuffix(line, "\n"), "refs/heads/"))
	}
	slices.Sort(names)
	return names, nil
}

func (g *git) refs(ctx context.Context) (map[string]string, error) {
	out, err := g.run(ctx, "--git-dir", g.dir, "for-each-ref", "--format=%(refname) %(objecttype) %(objectname) %(*objecttype) %(*objectname)", branchPrefix, tagPrefix)
	if err != nil {
		return nil, err
	}
	refs := make(map[string]string)
	for line := range strings.Lines(out) {
		// The object that a tag object is of comes last.
		switch fields := strings.Fields(line); {
		case len(fields) == 3 && fields[1] == "commit":
			refs[fields[0]] = fields[2]
		case len(fields) == 5 && fields[3] == "commit":
			refs[fields[0]] = fields[4]
		}
	}
	return refs, nil
}

// write runs a git command that changes the repository.
func (g *git) write(ctx context.Context, stdin []byte, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"--git-dir", g.dir}, args...)...)
	// Reflogs name a committer, whom git might not find out.
	cmd.Env = append(slices.Clone(g.env), "GIT_COMMITTER_NAME=codecommittest", "GIT_COMMITTER_EMAIL=codecommittest@example.com")
	cmd.Stdin = bytes.NewReader(stdin)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		return "", gitError(err, complaint.String())
	}
	return strings.TrimSuffix(out.String(), "\n"), nil
}

func (g *git) put(ctx context.Context, kind string, data []byte) (string, error) {
	return g.write(ctx, data, "hash-object", "-w", "-t", kind, "--stdin")
}

func (g *git) update(ctx context.Context, ref, before, after string) error {
	zero := strings.Repeat("0", gitobj.IDLength)
	_, err := g.write(ctx, nil, "update-ref", "--no-deref", ref, cmp.Or(after, zero), cmp.Or(before, zero))
	return err
}

func (g *git) setHead(ctx context.Context, branch string) error {
	_, err := g.write(ctx, nil, "symbolic-ref", "HEAD", branchPrefix+branch)
	return err
}

func (g *git) close() {
	g.objects.close()
	g.blobs.close()
}
