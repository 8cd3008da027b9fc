package codecommittest_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

const lines = "1\n2\n3\n4\n5\n6\n7\n8\n9\n"

// diverged is a world whose branches main and topic have both changed the files of
// their common commit.
func diverged(t *testing.T, source, destination map[string]string) *world {
	t.Helper()
	files := func(changes map[string]string) fstest.MapFS {
		fsys := fstest.MapFS{"text": {Data: []byte(lines)}, "other": {Data: []byte("other\n")}, "bin": {Data: []byte("\x00\x01")}, "dir/x": {Data: []byte("x\n")}}
		for name, content := range changes {
			if content == "" {
				delete(fsys, name)
				continue
			}
			fsys[name] = &fstest.MapFile{Data: []byte(content)}
		}
		return fsys
	}
	w := &world{T: t, server: codecommittest.NewServer(t, codecommittest.FS("app", files(nil)))}
	w.client = newClient(w.server)
	for branch, changes := range map[string]map[string]string{"topic": source} {
		if _, err := w.server.Commit("app", branch, files(changes)); err != nil {
			t.Fatal(err)
		}
	}
	if destination != nil {
		if _, err := w.server.Commit("app", "main", files(destination)); err != nil {
			t.Fatal(err)
		}
	}
	w.main, w.topic = w.branch("main"), w.branch("topic")
	return w
}

func (w *world) conflicts(option types.MergeOptionTypeEnum, level types.ConflictDetailLevelTypeEnum, strategy types.ConflictResolutionStrategyTypeEnum) string {
	w.Helper()
	var list []string
	mergeable := false
	in := &awscodecommit.GetMergeConflictsInput{
		RepositoryName: aws.String("app"), SourceCommitSpecifier: aws.String("topic"), DestinationCommitSpecifier: aws.String("main"),
		MergeOption: option, ConflictDetailLevel: level, ConflictResolutionStrategy: strategy, MaxConflictFiles: aws.Int32(1),
	}
	for page := awscodecommit.NewGetMergeConflictsPaginator(w.client, in); page.HasMorePages(); {
		out, err := page.NextPage(w.Context())
		if err != nil {
			w.Fatal(err)
		}
		mergeable = out.Mergeable
		for _, c := range out.ConflictMetadataList {
			list = append(list, fmt.Sprintf("%s %s%s content=%t number=%d", *c.FilePath, c.MergeOperations.Source, c.MergeOperations.Destination, c.ContentConflict, c.NumberOfConflicts))
		}
	}
	return fmt.Sprintf("%t %q", mergeable, list)
}

func (w *world) options() []types.MergeOptionTypeEnum {
	w.Helper()
	out, err := w.client.GetMergeOptions(w.Context(), &awscodecommit.GetMergeOptionsInput{RepositoryName: aws.String("app"), SourceCommitSpecifier: aws.String("topic"), DestinationCommitSpecifier: aws.String("main")})
	if err != nil {
		w.Fatal(err)
	}
	return out.MergeOptions
}

func TestMergeConflicts(t *testing.T) {
	t.Parallel()
	first, last := strings.Replace(lines, "1", "one", 1), strings.Replace(lines, "9", "nine", 1)
	for _, test := range []struct {
		name                string
		source, destination map[string]string
		file, line          string // with the level
		options             []types.MergeOptionTypeEnum
	}{
		{"ahead", map[string]string{"text": first}, nil, "true []", "true []", []types.MergeOptionTypeEnum{"FAST_FORWARD_MERGE", "SQUASH_MERGE", "THREE_WAY_MERGE"}},
		{"other files", map[string]string{"text": first}, map[string]string{"other": "changed\n"}, "true []", "true []", []types.MergeOptionTypeEnum{"SQUASH_MERGE", "THREE_WAY_MERGE"}},
		{"the same change", map[string]string{"text": first, "new": "n\n"}, map[string]string{"text": first, "new": "n\n"}, "true []", "true []", []types.MergeOptionTypeEnum{"SQUASH_MERGE", "THREE_WAY_MERGE"}},
		{"other lines", map[string]string{"text": first}, map[string]string{"text": last}, `false ["text MM content=true number=1"]`, "true []", []types.MergeOptionTypeEnum{}},
		{"the same line", map[string]string{"text": first}, map[string]string{"text": strings.ToUpper(strings.Replace(last, "1", "eins", 1))}, `false ["text MM content=true number=1"]`, `false ["text MM content=true number=1"]`, []types.MergeOptionTypeEnum{}},
		{"deleted and changed", map[string]string{"text": ""}, map[string]string{"text": last}, `false ["text DM content=false number=1"]`, `false ["text DM content=false number=1"]`, []types.MergeOptionTypeEnum{}},
		{"added twice", map[string]string{"new": "1\n"}, map[string]string{"new": "2\n"}, `false ["new AA content=true number=1"]`, `false ["new AA content=true number=1"]`, []types.MergeOptionTypeEnum{}},
		{"binary", map[string]string{"bin": "\x00\x02"}, map[string]string{"bin": "\x00\x03"}, `false ["bin MM content=true number=1"]`, `false ["bin MM content=true number=1"]`, []types.MergeOptionTypeEnum{}},
		{"file and folder", map[string]string{"new/a": "1\n"}, map[string]string{"new": "2\n"}, `false ["new DA content=false number=1"]`, `false ["new DA content=false number=1"]`, []types.MergeOptionTypeEnum{}},
		{"a folder becomes a file", map[string]string{"dir/x": "", "dir": "file\n"}, map[string]string{"other": "changed\n"}, "true []", "true []", []types.MergeOptionTypeEnum{"SQUASH_MERGE", "THREE_WAY_MERGE"}},
		{"two files", map[string]string{"text": first, "other": "1\n"}, map[string]string{"text": last, "other": "2\n"}, `false ["other MM content=true number=1" "text MM content=true number=1"]`, `false ["other MM content=true number=1"]`, []types.MergeOptionTypeEnum{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			gittest.Need(t)
			w := diverged(t, test.source, test.destination)
			if got := w.conflicts("THREE_WAY_MERGE", "FILE_LEVEL", ""); got != test.file {
				t.Errorf("by file: %s, want %s", got, test.file)
			}
			if got := w.conflicts("SQUASH_MERGE", "LINE_LEVEL", "NONE"); got != test.line {
				t.Errorf("by line: %s, want %s", got, test.line)
			}
			for _, strategy := range []types.ConflictResolutionStrategyTypeEnum{"ACCEPT_SOURCE", "ACCEPT_DESTINATION"} {
				if got := w.conflicts("THREE_WAY_MERGE", "FILE_LEVEL", strategy); !strings.HasPrefix(got, "true") && test.name != "file and folder" {
					t.Errorf("%s: %s", strategy, got)
				}
			}
			same(t, "options", test.options, w.options())
			forward := strings.HasPrefix(w.conflicts("FAST_FORWARD_MERGE", "", ""), "true")
			if want := slices.Contains(test.options, "FAST_FORWARD_MERGE"); forward != want {
				t.Errorf("fast-forward: %t, want %t", forward, want)
			}
		})
	}
}

// A merge by lines is git's, of random changes.
func TestMergeAsGit(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	if !gittest.AtLeast(t, 2, 38) {
		t.Skip("git merge-tree needs git 2.38")
	}
	random := rand.New(rand.NewPCG(1, 2))
	change := func(files map[string]string) map[string]string {
		files = maps.Clone(files)
		for range 1 + random.IntN(3) {
			name := []string{"a", "dir/b", "dir/sub/c", "d"}[random.IntN(4)]
			text := strings.SplitAfter(files[name], "\n")
			switch random.IntN(5) {
			case 0:
				delete(files, name)
			default:
				text[random.IntN(len(text))] = fmt.Sprintf("changed %d\n", random.IntN(2))
				files[name] = strings.Join(text, "")
			}
		}
		return files
	}
	commit := func(files map[string]string, parents ...string) string {
		r.git("read-tree", "--empty")
		for name, content := range files {
			id := strings.TrimSpace(r.run(content, "hash-object", "-w", "--stdin"))
			r.git("update-index", "--add", "--cacheinfo", "100644,"+id+","+name)
		}
		args := []string{"commit-tree", "-m", "m", r.git("write-tree")}
		for _, p := range parents {
			args = append(args, "-p", p)
		}
		return r.git(args...)
	}
	base := map[string]string{"a": lines, "dir/b": lines, "dir/sub/c": lines, "keep": "k\n"}
	root := commit(base)
	type pair struct{ source, destination string }
	var pairs []pair
	for i := range 10 {
		p := pair{commit(change(base), root), commit(change(base), root)}
		pairs = append(pairs, p)
		r.git("branch", fmt.Sprintf("s%d", i), p.source)
		r.git("branch", fmt.Sprintf("d%d", i), p.destination)
	}
	r.git("branch", "main", root)
	objects := r.git("count-objects")
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	clean := 0
	for i, p := range pairs {
		conflicts, err := client.GetMergeConflicts(t.Context(), &awscodecommit.GetMergeConflictsInput{
			RepositoryName: aws.String("app"), SourceCommitSpecifier: &p.source, DestinationCommitSpecifier: &p.destination, MergeOption: "THREE_WAY_MERGE", ConflictDetailLevel: "LINE_LEVEL",
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.git("count-objects"); i == 0 && got != objects {
			t.Errorf("GetMergeConflicts has written: %s, before %s", got, objects)
		}
		out, err := gittest.Run(r.dir, nil, people, "-c", "merge.renames=false", "merge-tree", "--write-tree", p.destination, p.source)
		if conflicts.Mergeable != (err == nil) {
			t.Errorf("pair %d: mergeable %t, git: %s, %v", i, conflicts.Mergeable, out, err)
		}
		if err != nil || p.source == p.destination {
			continue
		}
		clean++
		created, err := client.CreatePullRequest(t.Context(), &awscodecommit.CreatePullRequestInput{Title: aws.String("T"), Targets: []types.Target{{
			RepositoryName: aws.String("app"), SourceReference: aws.String(fmt.Sprintf("s%d", i)), DestinationReference: aws.String(fmt.Sprintf("d%d", i)),
		}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.MergePullRequestByThreeWay(t.Context(), &awscodecommit.MergePullRequestByThreeWayInput{
			PullRequestId: created.PullRequest.PullRequestId, RepositoryName: aws.String("app"), ConflictDetailLevel: "LINE_LEVEL", CommitMessage: aws.String("Merge it"),
		}); err != nil {
			t.Fatal(err)
		}
		if got, want := r.git("rev-parse", fmt.Sprintf("d%d^{tree}", i)), strings.TrimSpace(string(out)); got != want {
			t.Errorf("pair %d: tree %s, want %s", i, got, want)
		}
		if got := r.git("log", "-1", "--format=%P %s", fmt.Sprintf("d%d", i)); got != p.destination+" "+p.source+" Merge it" {
			t.Errorf("pair %d: merge commit %s", i, got)
		}
	}
	if clean == 0 || clean == len(pairs) {
		t.Errorf("%d of %d pairs merge: the test shows nothing", clean, len(pairs))
	}
	r.git("fsck", "--strict")
}

func TestMergePullRequest(t *testing.T) {
	t.Parallel()
	first, last := strings.Replace(lines, "1", "one", 1), strings.Replace(lines, "9", "nine", 1)
	both := strings.Replace(last, "1", "one", 1)
	type outcome struct {
		err     string
		option  types.MergeOptionTypeEnum
		parents int
		text    string
	}
	fastForward := func(w *world) error {
		_, err := w.as(ada).MergePullRequestByFastForward(t.Context(), &awscodecommit.MergePullRequestByFastForwardInput{PullRequestId: aws.String("1"), RepositoryName: aws.String("app"), SourceCommitId: &w.topic})
		return err
	}
	squash := func(w *world) error {
		_, err := w.as(ada).MergePullRequestBySquash(t.Context(), &awscodecommit.MergePullRequestBySquashInput{PullRequestId: aws.String("1"), RepositoryName: aws.String("app"), SourceCommitId: &w.topic})
		return err
	}
	threeWay := func(change func(in *awscodecommit.MergePullRequestByThreeWayInput)) func(w *world) error {
		return func(w *world) error {
			in := &awscodecommit.MergePullRequestByThreeWayInput{PullRequestId: aws.String("1"), RepositoryName: aws.String("app")}
			change(in)
			_, err := w.as(ada).MergePullRequestByThreeWay(t.Context(), in)
			return err
		}
	}
	type input = awscodecommit.MergePullRequestByThreeWayInput
	resolve := func(r types.ConflictResolution) func(w *world) error {
		return threeWay(func(in *input) { in.ConflictResolutionStrategy, in.ConflictResolution = "AUTOMERGE", &r })
	}
	replace := func(kind types.ReplacementTypeEnum, content string) func(w *world) error {
		entry := types.ReplaceContentEntry{FilePath: aws.String("text"), ReplacementType: kind}
		if content != "" {
			entry.Content = []byte(content)
		}
		return resolve(types.ConflictResolution{ReplaceContents: []types.ReplaceContentEntry{entry}})
	}
	ahead := func(t *testing.T) *world { return diverged(t, map[string]string{"text": first}, nil) }
	beside := func(t *testing.T) *world {
		return diverged(t, map[string]string{"text": first}, map[string]string{"other": "changed\n"})
	}
	apart := func(t *testing.T) *world {
		return diverged(t, map[string]string{"text": first}, map[string]string{"text": last})
	}
	clash := func(t *testing.T) *world {
		return diverged(t, map[string]string{"text": first}, map[string]string{"text": strings.Replace(lines, "1", "eins", 1)})
	}
	for _, test := range []struct {
		name  string
		world func(t *testing.T) *world
		merge func(w *world) error
		want  outcome
	}{
		{"fast-forward", ahead, fastForward, outcome{"", "FAST_FORWARD_MERGE", 1, first}},
		{"squash", ahead, squash, outcome{"", "SQUASH_MERGE", 1, first}},
		{"three-way", beside, threeWay(func(*input) {}), outcome{"", "THREE_WAY_MERGE", 2, first}},
		{"fast-forward of what diverged", beside, fastForward, outcome{err: "ManualMergeRequiredException"}},
		{"one file", apart, squash, outcome{err: "ManualMergeRequiredException"}},
		{"one file by line", apart, threeWay(func(in *input) { in.ConflictDetailLevel = "LINE_LEVEL" }), outcome{"", "THREE_WAY_MERGE", 2, both}},
		{"one file automerged", apart, threeWay(func(in *input) { in.ConflictResolutionStrategy = "AUTOMERGE" }), outcome{"", "THREE_WAY_MERGE", 2, both}},
		{"one line automerged", clash, threeWay(func(in *input) { in.ConflictResolutionStrategy = "AUTOMERGE" }), outcome{err: "ManualMergeRequiredException"}},
		{"the source accepted", clash, threeWay(func(in *input) { in.ConflictResolutionStrategy = "ACCEPT_SOURCE" }), outcome{"", "THREE_WAY_MERGE", 2, first}},
		{"the source's lines accepted", apart, threeWay(func(in *input) {
			in.ConflictResolutionStrategy, in.ConflictDetailLevel = "ACCEPT_SOURCE", "LINE_LEVEL"
		}), outcome{"", "THREE_WAY_MERGE", 2, both}},
		{"the destination accepted", clash, threeWay(func(in *input) { in.ConflictResolutionStrategy = "ACCEPT_DESTINATION" }), outcome{"", "THREE_WAY_MERGE", 2, strings.Replace(lines, "1", "eins", 1)}},
		{"the base kept", clash, replace("KEEP_BASE", ""), outcome{"", "THREE_WAY_MERGE", 2, lines}},
		{"the source kept", clash, replace("KEEP_SOURCE", ""), outcome{"", "THREE_WAY_MERGE", 2, first}},
		{"new content", clash, replace("USE_NEW_CONTENT", "new\n"), outcome{"", "THREE_WAY_MERGE", 2, "new\n"}},
		{"no new content", clash, replace("USE_NEW_CONTENT", ""), outcome{err: "ReplacementContentRequiredException"}},
		{"a bad replacement", clash, replace("KEEP", ""), outcome{err: "InvalidReplacementTypeException"}},
		{"the file deleted", clash, resolve(types.ConflictResolution{DeleteFiles: []types.DeleteFileEntry{{FilePath: aws.String("text")}}}), outcome{"", "THREE_WAY_MERGE", 2, ""}},
		{"two resolutions", clash, resolve(types.ConflictResolution{
			DeleteFiles: []types.DeleteFileEntry{{FilePath: aws.String("text")}}, SetFileModes: []types.SetFileModeEntry{{FilePath: aws.String("text"), FileMode: "NORMAL"}},
		}), outcome{err: "MultipleConflictResolutionEntriesException"}},
		{"a resolution of another strategy", clash, threeWay(func(in *input) { in.ConflictResolution = &types.ConflictResolution{} }), outcome{err: "InvalidConflictResolutionException"}},
		{"a bad level", ahead, threeWay(func(in *input) { in.ConflictDetailLevel = "WORD_LEVEL" }), outcome{err: "InvalidConflictDetailLevelException"}},
		{"a bad strategy", ahead, threeWay(func(in *input) { in.ConflictResolutionStrategy = "GUESS" }), outcome{err: "InvalidConflictResolutionStrategyException"}},
		{"another source commit", ahead, threeWay(func(in *input) { in.SourceCommitId = aws.String(noID) }), outcome{err: "TipOfSourceReferenceIsDifferentException"}},
		{"a bad source commit", ahead, threeWay(func(in *input) { in.SourceCommitId = aws.String("topic") }), outcome{err: "InvalidCommitIdException"}},
		{"a rule that is not satisfied", func(t *testing.T) *world { return ahead(t) }, func(w *world) error {
			if _, err := w.createRule("one", rule(1)); err != nil {
				t.Fatal(err)
			}
			return squash(w)
		}, outcome{err: "PullRequestApprovalRulesNotSatisfiedException"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			gittest.Need(t)
			w := test.world(t)
			w.open(w.client, "topic")
			err := test.merge(w)
			p := w.get(aws.String("1"))
			if test.want.err != "" {
				wantError(t, "merge", err, test.want.err)
				if p.PullRequestStatus != "OPEN" || w.branch("main") != w.main {
					t.Errorf("status %s, main at %s", p.PullRequestStatus, w.branch("main"))
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			m := p.PullRequestTargets[0].MergeMetadata
			tip := w.branch("main")
			if p.PullRequestStatus != "CLOSED" || !m.IsMerged || *m.MergedBy != ada || m.MergeOption != test.want.option || *m.MergeCommitId != tip {
				t.Errorf("status %s, merge %+v, main at %s", p.PullRequestStatus, m, tip)
			}
			c, err := w.client.GetCommit(t.Context(), &awscodecommit.GetCommitInput{RepositoryName: aws.String("app"), CommitId: &tip})
			if err != nil || len(c.Commit.Parents) != test.want.parents || c.Commit.Parents[0] != w.main {
				t.Errorf("merge commit %+v, %v", c, err)
			}
			text := ""
			if f, err := w.client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: aws.String("app"), FilePath: aws.String("text")}); err == nil {
				text = string(f.FileContent)
			}
			same(t, "text", test.want.text, text)
			commit, err := w.client.GetMergeCommit(t.Context(), &awscodecommit.GetMergeCommitInput{RepositoryName: aws.String("app"), SourceCommitSpecifier: &w.topic, DestinationCommitSpecifier: &w.main})
			want := tip
			if test.want.option == "FAST_FORWARD_MERGE" {
				want = ""
			}
			if err != nil || aws.ToString(commit.MergedCommitId) != want {
				t.Errorf("GetMergeCommit: %+v, %v", commit, err)
			}
			lines := w.events()
			same(t, "events", []string{
				fmt.Sprintf("referenceUpdated refs/heads/main %.4s..%.4s %s", w.main, tip, test.want.option),
				fmt.Sprintf("pullRequestMergeStatusUpdated 1 topic Closed merged=true %.4s ada %s", w.topic, test.want.option),
			}, lines[len(lines)-2:])
			wantError(t, "a second merge", test.merge(w), "PullRequestAlreadyClosedException")
		})
	}
}

func TestMergeErrors(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.server.Commit("other", "main", fstest.MapFS{"x": {Data: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	conflicts := func(change func(in *awscodecommit.GetMergeConflictsInput)) error {
		in := &awscodecommit.GetMergeConflictsInput{RepositoryName: aws.String("app"), SourceCommitSpecifier: aws.String("topic"), DestinationCommitSpecifier: aws.String("main"), MergeOption: "SQUASH_MERGE"}
		change(in)
		_, err := w.client.GetMergeConflicts(t.Context(), in)
		return err
	}
	type input = awscodecommit.GetMergeConflictsInput
	for _, test := range []struct {
		what string
		err  error
		want string
	}{
		{"no source", conflicts(func(in *input) { in.SourceCommitSpecifier = aws.String("") }), "CommitRequiredException"},
		{"an unknown source", conflicts(func(in *input) { in.SourceCommitSpecifier = aws.String("none") }), "CommitDoesNotExistException"},
		{"a bad destination", conflicts(func(in *input) { in.DestinationCommitSpecifier = aws.String("a b") }), "InvalidCommitException"},
		{"a bad option", conflicts(func(in *input) { in.MergeOption = "REBASE" }), "InvalidMergeOptionException"},
		{"no files", conflicts(func(in *input) { in.MaxConflictFiles = aws.Int32(0) }), "InvalidMaxConflictFilesException"},
		{"a bad token", conflicts(func(in *input) { in.NextToken = aws.String("x") }), "InvalidContinuationTokenException"},
		{"a bad level", conflicts(func(in *input) { in.ConflictDetailLevel = "x" }), "InvalidConflictDetailLevelException"},
		{"a bad strategy", conflicts(func(in *input) { in.ConflictResolutionStrategy = "x" }), "InvalidConflictResolutionStrategyException"},
		{"another repository", conflicts(func(in *input) { in.RepositoryName = aws.String("none") }), "RepositoryDoesNotExistException"},
	} {
		wantError(t, test.what, test.err, test.want)
	}
	w.open(w.client, "topic")
	_, err := w.client.MergePullRequestByFastForward(t.Context(), &awscodecommit.MergePullRequestByFastForwardInput{PullRequestId: aws.String("1"), RepositoryName: aws.String("other")})
	wantError(t, "merge in another repository", err, "RepositoryNotAssociatedWithPullRequestException")
}
