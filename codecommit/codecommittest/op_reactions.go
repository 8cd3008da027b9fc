package codecommittest

import (
	"context"
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type putCommentReactionInput struct {
	CommentID     *string `json:"commentId"`
	ReactionValue *string `json:"reactionValue"`
}

// empty is the output of an operation without one.
type empty struct{}

func (s *Server) putCommentReaction(ctx context.Context, in *putCommentReactionInput) (*empty, error) {
	c, err := s.presentComment(in.CommentID)
	if err != nil {
		return nil, err
	}
	value, caller := valueOf(in.ReactionValue), s.caller(ctx)
	i := slices.IndexFunc(c.reactions, func(r commentReaction) bool { return r.user == caller })
	if value == "" || value == "none" {
		if i >= 0 {
			c.reactions = slices.Delete(c.reactions, i, i+1)
		}
		return new(empty), nil
	}
	r, ok := reactionOf(value)
	if !ok {
		return nil, awsjson.Errorf("InvalidReactionValueException", "%q is none of the emojis that comments have", value)
	}
	event := "commentReactionUpdated"
	if i < 0 {
		event, i = "commentReactionCreated", len(c.reactions)
		c.reactions = append(c.reactions, commentReaction{user: caller})
	}
	c.reactions[i].reaction = r
	s.emitReaction(c, r, caller, event)
	return new(empty), nil
}

type getCommentReactionsInput struct {
	CommentID  *string `json:"commentId"`
	UserARN    *string `json:"reactionUserArn"`
	NextToken  *string `json:"nextToken"`
	MaxResults *int32  `json:"maxResults"`
}

type getCommentReactionsOutput struct {
	Reactions []reactionJSON `json:"reactionsForComment"`
	NextToken *string        `json:"nextToken,omitempty"`
}

type reactionJSON struct {
	Reaction     reaction `json:"reaction"`
	Users        []string `json:"reactionUsers"`
	DeletedUsers int      `json:"reactionsFromDeletedUsersCount"`
}

func (s *Server) getCommentReactions(_ context.Context, in *getCommentReactionsInput) (*getCommentReactionsOutput, error) {
	c, err := s.presentComment(in.CommentID)
	if err != nil {
		return nil, err
	}
	if in.UserARN != nil && !validARN(*in.UserARN) {
		return nil, awsjson.Errorf("InvalidReactionUserArnException", "%q is not an ARN", *in.UserARN)
	}
	size, err := s.resultSize(in.MaxResults, 1000, 1000)
	if err != nil {
		return nil, err
	}
	var list []reactionJSON
	for _, r := range reactions {
		var users []string
		for _, given := range c.reactions {
			if given.reaction == r && (in.UserARN == nil || *in.UserARN == given.user) {
				users = append(users, given.user)
			}
		}
		if users != nil {
			list = append(list, reactionJSON{Reaction: r, Users: users})
		}
	}
	out := new(getCommentReactionsOutput)
	out.Reactions, out.NextToken, err = awsjson.Page(list, in.NextToken, size, invalidToken, "GetCommentReactions", c.id, valueOf(in.UserARN))
	return out, err
}
