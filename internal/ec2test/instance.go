package ec2test

import (
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Image is an AMI.
type Image struct {
	RootDevice string
	Windows    bool
}

// Instance is an instance.
type Instance struct {
	ID, ImageID, Type, State string
	Launched                 time.Time
	Tags                     map[string]string
}

// AddImage adds an AMI.
func (s *Server) AddImage(id string, image Image) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.images[id] = image
}

// Run launches an instance, or returns the one that was launched with the client
// token.
func (s *Server) Run(token string, i Instance) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id := s.tokens[token]; token != "" && id != "" {
		return id
	}
	i.ID = "i-" + awsjson.Hex(17, "instance", fmt.Sprint(len(s.instances)))
	i.State, i.Launched, i.Tags = "running", s.now(), maps.Clone(i.Tags)
	s.instances = append(s.instances, &i)
	s.tokens[token] = i.ID
	return i.ID
}

// Terminate terminates an instance, and reports false if there is none.
func (s *Server) Terminate(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.instance(id)
	if i != nil {
		i.State = "terminated"
	}
	return i != nil
}

func (s *Server) instance(id string) *Instance {
	for _, i := range s.instances {
		if i.ID == id {
			return i
		}
	}
	return nil
}

// Instances returns all instances in the order of their launches, or those that are
// not terminated.
func (s *Server) Instances(all bool) []Instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Instance
	for _, i := range s.instances {
		if all || i.State != "terminated" {
			view := *i
			view.Tags = maps.Clone(i.Tags)
			list = append(list, view)
		}
	}
	return list
}

// serveEC2 answers a call of the query protocol.
func (s *Server) serveEC2(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || r.Method != http.MethodPost {
		ec2Error(w, "MalformedQueryString", "The query is malformed")
		return
	}
	operation := r.PostForm.Get("Action")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[operation]++
	if code := s.fail(operation); code != "" {
		ec2Error(w, code, "the test server was told to fail "+operation)
		return
	}
	switch operation {
	case "CreateTags":
		s.createTags(w, r.PostForm)
	case "DescribeImages":
		s.describeImages(w, r.PostForm)
	case "DescribeInstances":
		s.describeInstances(w, r.PostForm)
	case "TerminateInstances":
		s.terminateInstances(w, r.PostForm)
	default:
		ec2Error(w, "InvalidAction", "The action "+operation+" is not valid for this web service.")
	}
}

func ec2Error(w http.ResponseWriter, code, message string) {
	status := http.StatusBadRequest
	switch code {
	case "InternalError", "InternalFailure":
		status = http.StatusInternalServerError
	case "RequestLimitExceeded":
		status = http.StatusServiceUnavailable
	case "UnauthorizedOperation":
		status = http.StatusForbidden
	}
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Response><Errors><Error><Code>%s</Code><Message>", code)
	_ = xml.EscapeText(w, []byte(message))
	fmt.Fprint(w, "</Message></Error></Errors><RequestID>r-1</RequestID></Response>")
}

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	if err := xml.NewEncoder(w).Encode(v); err != nil {
		panic(err)
	}
}

// list returns the values of "name.1", "name.2" and so on.
func list(form url.Values, name string) []string {
	var values []string
	for i := 1; form.Has(fmt.Sprintf("%s.%d", name, i)); i++ {
		values = append(values, form.Get(fmt.Sprintf("%s.%d", name, i)))
	}
	return values
}

type tag struct {
	Key   string `xml:"key"`
	Value string `xml:"value"`
}

func (s *Server) createTags(w http.ResponseWriter, form url.Values) {
	for _, id := range list(form, "ResourceId") {
		i := s.instance(id)
		if i == nil {
			ec2Error(w, "InvalidID", "The ID '"+id+"' is not valid")
			return
		}
		if i.Tags == nil {
			i.Tags = make(map[string]string)
		}
		for n := 1; form.Has(fmt.Sprintf("Tag.%d.Key", n)); n++ {
			i.Tags[form.Get(fmt.Sprintf("Tag.%d.Key", n))] = form.Get(fmt.Sprintf("Tag.%d.Value", n))
		}
	}
	reply(w, struct {
		XMLName xml.Name `xml:"CreateTagsResponse"`
		Return  bool     `xml:"return"`
	}{Return: true})
}

type imageItem struct {
	ID         string `xml:"imageId"`
	State      string `xml:"imageState"`
	RootDevice string `xml:"rootDeviceName"`
	Platform   string `xml:"platform,omitempty"`
}

func (s *Server) describeImages(w http.ResponseWriter, form url.Values) {
	var items []imageItem
	for _, id := range list(form, "ImageId") {
		image, ok := s.images[id]
		if !ok {
			ec2Error(w, "InvalidAMIID.NotFound", "The image id '["+id+"]' does not exist")
			return
		}
		item := imageItem{id, "available", image.RootDevice, ""}
		if image.Windows {
			item.Platform = "windows"
		}
		items = append(items, item)
	}
	reply(w, struct {
		XMLName xml.Name    `xml:"DescribeImagesResponse"`
		Images  []imageItem `xml:"imagesSet>item"`
	}{Images: items})
}

type instanceState struct {
	Name string `xml:"name"`
}

type instanceItem struct {
	ID       string        `xml:"instanceId"`
	ImageID  string        `xml:"imageId"`
	State    instanceState `xml:"instanceState"`
	Type     string        `xml:"instanceType"`
	Launched string        `xml:"launchTime"`
	Tags     []tag         `xml:"tagSet>item"`
}

type reservation struct {
	ID        string         `xml:"reservationId"`
	Instances []instanceItem `xml:"instancesSet>item"`
}

func (s *Server) describeInstances(w http.ResponseWriter, form url.Values) {
	ids := list(form, "InstanceId")
	for _, id := range ids {
		if s.instance(id) == nil {
			ec2Error(w, "InvalidInstanceID.NotFound", "The instance ID '"+id+"' does not exist")
			return
		}
	}
	var found []reservation
	for _, i := range s.instances {
		if len(ids) > 0 && !slices.Contains(ids, i.ID) || !matches(form, i) {
			continue
		}
		item := instanceItem{i.ID, i.ImageID, instanceState{i.State}, i.Type, i.Launched.UTC().Format("2006-01-02T15:04:05.000Z"), nil}
		for _, key := range slices.Sorted(maps.Keys(i.Tags)) {
			item.Tags = append(item.Tags, tag{key, i.Tags[key]})
		}
		found = append(found, reservation{"r-" + i.ID[2:], []instanceItem{item}})
	}
	page, next := found, ""
	if pageSize := 50; len(ids) == 0 && len(found) > pageSize { // as with MaxResults: the SDK has to follow
		start := 0
		if token := form.Get("NextToken"); token != "" {
			if _, err := fmt.Sscanf(token, "after-%d", &start); err != nil || start > len(found) {
				ec2Error(w, "InvalidNextToken", "The token is not valid")
				return
			}
		}
		end := min(start+pageSize, len(found))
		page = found[start:end]
		if end < len(found) {
			next = fmt.Sprintf("after-%d", end)
		}
	}
	reply(w, struct {
		XMLName      xml.Name      `xml:"DescribeInstancesResponse"`
		Reservations []reservation `xml:"reservationSet>item"`
		NextToken    string        `xml:"nextToken,omitempty"`
	}{Reservations: page, NextToken: next})
}

// matches reports whether the instance passes all filters.
func matches(form url.Values, i *Instance) bool {
	for n := 1; form.Has(fmt.Sprintf("Filter.%d.Name", n)); n++ {
		name, values := form.Get(fmt.Sprintf("Filter.%d.Name", n)), list(form, fmt.Sprintf("Filter.%d.Value", n))
		value, ok := "", true
		if key, isTag := strings.CutPrefix(name, "tag:"); isTag {
			value, ok = i.Tags[key]
		} else if name == "instance-state-name" {
			value = i.State
		} else {
			return false
		}
		if !ok || !slices.Contains(values, value) {
			return false
		}
	}
	return true
}

type stateChange struct {
	ID    string        `xml:"instanceId"`
	State instanceState `xml:"currentState"`
}

func (s *Server) terminateInstances(w http.ResponseWriter, form url.Values) {
	ids := list(form, "InstanceId")
	for _, id := range ids {
		if s.instance(id) == nil { // one fails all
			ec2Error(w, "InvalidInstanceID.NotFound", "The instance ID '"+id+"' does not exist")
			return
		}
	}
	var changes []stateChange
	for _, id := range ids {
		s.instance(id).State = "terminated"
		changes = append(changes, stateChange{id, instanceState{"shutting-down"}})
	}
	reply(w, struct {
		XMLName xml.Name      `xml:"TerminateInstancesResponse"`
		Changes []stateChange `xml:"instancesSet>item"`
	}{Changes: changes})
}
