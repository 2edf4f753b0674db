using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Contracts;

public sealed class RunTagsTests
{
    [Fact]
    public void Problems_OfTags_AreNone() => Assert.Empty(RunTags.ProblemsOf(["paper", "table 2", "größer", new string('a', RunTags.MaxLength)]));

    [Theory]
    [InlineData("")]
    [InlineData(" paper")]
    [InlineData("one, two")]
    [InlineData("a\nb")]
    public void Problems_OfATextThatIsNone_NameIt(string tag)
    {
        var problem = Assert.Single(RunTags.ProblemsOf(["paper", tag]));

        Assert.Equal(("Tags", $"expected 1 to 64 letters each, no commas and no blanks around them, got '{tag.Replace('\n', '?')}'"), (problem.Field, problem.Message));
    }

    [Fact]
    public void Problems_OfTooManyAndTooLong_AreBothNamed()
    {
        var problems = RunTags.ProblemsOf([.. Enumerable.Repeat("a", RunTags.MaxCount), new string('b', RunTags.MaxLength + 1)]);

        Assert.Equal(["expected at most 32, got 33", $"expected 1 to 64 letters each, no commas and no blanks around them, got '{new string('b', 64)}'"], problems.Select(problem => problem.Message));
    }
}
