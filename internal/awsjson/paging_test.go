package awsjson_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

func TestPage(t *testing.T) {
	t.Parallel()
	list := []string{"a", "b", "c", "d", "e"}
	var token *string
	var pages [][]string
	for {
		page, next, err := awsjson.Page(list, token, 2, "BadToken", "List", "app")
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
		if token = next; token == nil {
			break
		}
		list = append([]string{"new"}, list...) // moves nothing
	}
	if diff := cmp.Diff([][]string{{"a", "b"}, {"c", "d"}, {"e"}}, pages); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
	page, next, err := awsjson.Page([]string(nil), nil, 2, "BadToken")
	if page == nil || len(page) != 0 || next != nil || err != nil {
		t.Errorf("the page of no list is %#v, %v, %v", page, next, err)
	}
}

func TestPageToken(t *testing.T) {
	t.Parallel()
	_, next, err := awsjson.Page([]int{1, 2, 3, 4}, nil, 1, "BadToken", "List", "app")
	if err != nil || next == nil {
		t.Fatal(next, err)
	}
	empty, zero := "", "AAAAAAAAAAA="
	for name, test := range map[string]struct {
		list  []int
		token *string
		words []string
	}{
		"no token":                   {[]int{1, 2, 3, 4}, &empty, []string{"List", "app"}},
		"nothing left":               {[]int{1, 2, 3, 4}, &zero, []string{"List", "app"}},
		"of another call":            {[]int{1, 2, 3, 4}, next, []string{"List", "web"}},
		"of another operation":       {[]int{1, 2, 3, 4}, next, []string{"Show", "app"}},
		"of a list that got shorter": {[]int{1, 2}, next, []string{"List", "app"}},
	} {
		page, _, err := awsjson.Page(test.list, test.token, 1, "BadToken", test.words...)
		var e *awsjson.Error
		if !errors.As(err, &e) || e.Code != "BadToken" {
			t.Errorf("%s: %v, %v; want a BadToken", name, page, err)
		}
	}
}

// A token that was not made for the call is refused, and none panics.
func FuzzToken(f *testing.F) {
	list := []int{1, 2, 3, 4}
	_, next, _ := awsjson.Page(list, nil, 1, "BadToken", "app")
	for _, s := range []string{"", "garbage", "AAAAAQAAAAI=", "AAAAAAAAAAA=", *next} {
		f.Add(s, "app")
		f.Add(s, "other")
	}
	f.Fuzz(func(t *testing.T, token, word string) {
		page, _, err := awsjson.Page(list, &token, 2, "BadToken", word)
		if err != nil {
			return
		}
		// A call made the token, and the page begins where its page ended.
		for size := range list {
			if _, made, _ := awsjson.Page(list, nil, size, "BadToken", word); made != nil && *made == token {
				if want := list[size:min(size+2, len(list))]; !cmp.Equal(want, page) {
					t.Errorf("token %q of %q gives %v, want %v", token, word, page, want)
				}
				return
			}
		}
		t.Errorf("token %q of %q gives %v, but no call returns it", token, word, page)
	})
}
