using System.Globalization;
using CsCheck;
using Lcnn.Distributed.Contracts.Runs;

namespace Lcnn.Distributed.UnitTests.Contracts;

public sealed class DecimalNumberTests
{
    [Theory]
    [InlineData(0.3, "0.3")]
    [InlineData(0.0005, "0.0005")]
    [InlineData(0.00001, "1e-5")]
    [InlineData(1.25e-7, "1.25e-7")]
    [InlineData(64, "64")]
    [InlineData(-0.1, "-0.1")]
    [InlineData(100, "100")]
    [InlineData(123456789012345, "123456789012345")]
    [InlineData(1e15, "1e15")]
    [InlineData(1.5e300, "1.5e300")]
    [InlineData(0, "0")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "Infinity")]
    public void NumberText_OfADouble_IsWhatPeopleWrite(double number, string expected) => Assert.Equal(expected, NumberText.Of(number));

    [Fact]
    public void NumberText_OfAnyDouble_ReadsBackTheSame() => Gen.Double.Where(double.IsFinite).Sample(number =>
    {
        var text = NumberText.Of(number);

        Assert.Equal(number, double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
        Assert.True(DecimalNumber.TryParse(text, out var exact) && exact.ToDouble() == number, text);
    });

    [Theory]
    [InlineData("64", 64L)]
    [InlineData("64.0", 64L)]
    [InlineData(".5e1", 5L)]
    [InlineData("1e2", 100L)]
    [InlineData("2.5E1", 25L)]
    [InlineData("-0.5e1", -5L)]
    [InlineData("+7", 7L)]
    [InlineData("9007199254740993.0", 9007199254740993L)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("1e19", null)]
    [InlineData("1e1000", null)]
    [InlineData("2.5", null)]
    [InlineData("1e-1", null)]
    public void TryToInt64_AnyNotation_IsTheWholeNumberExactly(string text, long? expected)
    {
        Assert.True(DecimalNumber.TryParse(text, out var number));

        Assert.Equal(expected, number.TryToInt64(out var whole) ? whole : null);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData(".")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("e5")]
    [InlineData("1.2.3")]
    [InlineData("1_000")]
    [InlineData("0x10")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1\0")]
    [InlineData("1e5\0")]
    [InlineData("\uff11")]
    [InlineData("\u0661")]
    [InlineData("1e\uff15")]
    [InlineData("\u22121")]
    [InlineData("NaN")]
    [InlineData("1e99999999999")]
    public void TryParse_WhatIsNoNumber_IsRefused(string text) => Assert.False(DecimalNumber.TryParse(text, out _));

    [Fact]
    public void TryParse_VeryLongTexts_AreRefusedAtOnce()
    {
        Assert.False(DecimalNumber.TryParse(new string('9', 1_000_000), out _));
        Assert.False(DecimalNumber.TryParse("1e" + new string('9', 1_000_000), out _));
    }
}
