package gitpretty_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/internal/gitpretty"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// archive lets git archive a commit with these files, each with the attribute
// export-subst, and returns their contents in the archive and the commit.
// IDs of c are filled in. The members are nil if git archive fails.
func archive(t testing.TB, c gitpretty.Commit, mailmap string, files map[string]string) (map[string]string, gitpretty.Commit) {
	t.Helper()
	gittest.Need(t)
	dir := t.TempDir()
	run := func(stdin []byte, args ...string) ([]byte, error) {
		return gittest.Run(dir, stdin, nil, append([]string{"--git-dir", dir}, args...)...)
	}
	git := func(stdin []byte, args ...string) []byte {
		t.Helper()
		out, err := run(stdin, args...)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	git(nil, "init", "-q", "--bare", "--initial-branch=main")
	stream := func() *bytes.Buffer {
		var b bytes.Buffer
		data := func(s string) { fmt.Fprintf(&b, "data %d\n%s\n", len(s), s) }
		ident := func(kind string, s gitpretty.Signature) {
			fmt.Fprintf(&b, "%s %s <%s> %d %s\n", kind, s.Name, s.Email, s.When.Unix(), s.When.Format("-0700"))
		}
		for i := range c.Parents {
			fmt.Fprintf(&b, "reset refs/heads/p%d\ncommit refs/heads/p%d\nmark :%d\ncommitter p <p> %d +0000\n", i, i, i+1, i+1)
			data("parent")
		}
		fmt.Fprintf(&b, "reset refs/heads/main\ncommit refs/heads/main\nmark :1000\n")
		ident("author", c.Author)
		ident("committer", c.Committer)
		data(c.Message)
		for i := range c.Parents {
			if i == 0 {
				fmt.Fprintf(&b, "from :1\n")
			} else {
				fmt.Fprintf(&b, "merge :%d\n", i+1)
			}
		}
		fmt.Fprintf(&b, "M 100644 inline .gitattributes\n")
		data("* export-subst\n.gitattributes !export-subst\n.mailmap !export-subst\n")
		if mailmap != "" {
			fmt.Fprintf(&b, "M 100644 inline .mailmap\n")
			data(mailmap)
		}
		for name, content := range files {
			fmt.Fprintf(&b, "M 100644 inline %s\n", name)
			data(content)
		}
		return &b
	}()
	git(stream.Bytes(), "fast-import", "--quiet")
	ids := strings.Fields(string(git(nil, "rev-parse", "main", "main^{tree}", "main^@")))
	c.ID, c.TreeID, c.Parents = ids[0], ids[1], ids[2:]
	// The mailmap is that of HEAD, but without one no reference may point to
	// the commit: %d is empty here.
	if mailmap == "" {
		git(nil, "update-ref", "-d", "refs/heads/main")
	}
	out, err := run(nil, "archive", "--format=tar", c.ID)
	if err != nil {
		t.Log(err)
		return nil, c
	}
	members := gittest.Members(t, out)
	if !gittest.AtLeast(t, 2, 45) {
		for name, content := range members {
			members[name] = strictUTC.ReplaceAllString(content, "${1}Z")
		}
	}
	return members, c
}

// strictUTC is a time of %aI or %cI in UTC as git before 2.45 prints it.
var strictUTC = regexp.MustCompile(`(\dT\d\d:\d\d:\d\d)\+00:00`)

// check compares Subst with git archive for each file.
func check(t *testing.T, c gitpretty.Commit, mailmap string, files map[string]string) {
	t.Helper()
	want, c := archive(t, c, mailmap, files)
	if want == nil {
		t.Fatal("git archive failed")
	}
	e := gitpretty.New(c, []byte(mailmap))
	failures := 0
	for name, content := range files {
		in := []byte(content)
		got, err := e.Subst(in)
		if err != nil {
			t.Errorf("Subst(%q): %v", content, err)
			continue
		}
		if string(got) != want[name] {
			t.Errorf("Subst(%q)\n got %q\n git %q\n for the message %q", content, got, want[name], c.Message)
			if failures++; failures > 12 {
				return
			}
		}
		if string(in) != content {
			t.Errorf("Subst(%q) modified its argument", content)
		}
	}
}

// commit returns a commit with that many parents, whose IDs check fills in.
func commit(message string, parents int) gitpretty.Commit {
	return gitpretty.Commit{
		Parents:   make([]string, parents),
		Author:    gitpretty.Signature{Name: "A U Thor", Email: "author@example.com", When: time.Unix(1112911993, 0).In(time.FixedZone("", 2*3600))},
		Committer: gitpretty.Signature{Name: "C Ö Mitter", Email: "committer", When: time.Unix(1112912053, 0).In(time.FixedZone("", -(7*3600 + 1800)))},
		Message:   message,
	}
}
