#include "core/base/intrusive_list.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace barnabas {
namespace {

struct Item : ListHook {
  explicit Item(int n) : number(n) {}
  int number;
};

std::vector<int> drain(IntrusiveList<Item>& list) {
  std::vector<int> numbers;
  while (const Item* item = list.pop_front()) numbers.push_back(item->number);
  return numbers;
}

TEST(IntrusiveList, gives_elements_in_the_order_they_came) {
  IntrusiveList<Item> list;
  Item a(1), b(2), c(3);
  list.push_back(a);
  list.push_back(b);
  list.push_back(c);
  EXPECT_EQ(list.front().number, 1);
  EXPECT_EQ(list.pop_back()->number, 3);
  EXPECT_EQ(drain(list), (std::vector{1, 2}));
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.pop_front(), nullptr);
}

TEST(IntrusiveList, an_element_that_dies_leaves_its_list) {
  IntrusiveList<Item> list;
  Item a(1);
  auto b = std::make_unique<Item>(2);
  Item c(3);
  list.push_back(a);
  list.push_back(*b);
  list.push_back(c);
  b.reset();
  EXPECT_EQ(drain(list), (std::vector{1, 3}));
}

TEST(IntrusiveList, a_list_that_dies_lets_its_elements_go) {
  Item a(1);
  {
    IntrusiveList<Item> list;
    list.push_back(a);
    EXPECT_TRUE(a.linked());
  }
  EXPECT_FALSE(a.linked());
}

TEST(IntrusiveList, splicing_moves_everything_to_the_end) {
  IntrusiveList<Item> list, other;
  Item a(1), b(2), c(3);
  list.push_back(a);
  other.push_back(b);
  other.push_back(c);
  list.splice_back(other);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(drain(list), (std::vector{1, 2, 3}));
}

TEST(IntrusiveListDeathTest, an_element_is_in_one_list_at_most) {
  IntrusiveList<Item> list;
  Item a(1);
  list.push_back(a);
  EXPECT_DEATH(list.push_back(a), "check failed");
}

}  // namespace
}  // namespace barnabas
