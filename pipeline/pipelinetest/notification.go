package pipelinetest

import (
	"bytes"
	"slices"
)

// Notification is the message that asks for an approval, as its topic in SNS gets it.
type Notification struct {
	TopicARN string
	Subject  string
	Message  []byte // JSON
}

// notifications are those so far, and what the function of OnNotify is to hear of.
type notifications struct {
	all    []Notification
	outbox outbox[Notification]
}

type approvalRequestJSON struct {
	Region      string              `json:"region"`
	ConsoleLink string              `json:"consoleLink"`
	Approval    approvalMessageJSON `json:"approval"`
}

type approvalMessageJSON struct {
	Pipeline   string  `json:"pipelineName"`
	Stage      string  `json:"stageName"`
	Action     string  `json:"actionName"`
	Token      string  `json:"token"`
	Expires    string  `json:"expires"`
	EntityLink *string `json:"externalEntityLink"`
	ReviewLink string  `json:"approvalReviewLink"`
	CustomData *string `json:"customData"`
}

// OnNotify sets a function that is called with the message of each approval with a
// NotificationArn when it starts. It is called as that of [Server.OnEvent] is, and may
// use the server and its API. Nil removes it.
func (s *Server) OnNotify(f func(Notification)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notifications.outbox.handle(f)
}

// Notifications returns all messages so far, in order.
func (s *Server) Notifications() []Notification {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.notifications.all)
	for i := range list {
		list[i].Message = bytes.Clone(list[i].Message)
	}
	return list
}

// request sends the message that asks for the approval, if there is a topic.
func (r *run) request() {
	topic := r.configuration["NotificationArn"]
	if topic == "" || r.problem != "" {
		return
	}
	s, name := r.execution.server(), r.execution.definition.Name
	console := "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/" + name + "/view?region=" + region
	optional := func(key string) *string {
		if value, ok := r.configuration[key]; ok {
			return &value
		}
		return nil
	}
	message := plainJSON(approvalRequestJSON{
		Region: region, ConsoleLink: console,
		Approval: approvalMessageJSON{
			Pipeline: name, Stage: r.stage, Action: r.action.Name, Token: r.id,
			Expires:    r.started.Add(r.approvalTimeout()).UTC().Format("2006-01-02T15:04Z"),
			EntityLink: optional("ExternalEntityLink"), CustomData: optional("CustomData"),
			ReviewLink: console + "#/" + r.stage + "/" + r.action.Name + "/approve/" + r.id,
		},
	})
	shown := name
	if len(shown) > 30 {
		shown = shown[:30] + "..."
	}
	n := Notification{topic, "APPROVAL NEEDED: AWS CodePipeline " + shown + " for action " + r.action.Name, message}
	s.notifications.all = append(s.notifications.all, n)
	n.Message = bytes.Clone(message)
	s.notifications.outbox.put(n)
}
